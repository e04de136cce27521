import type { Clock } from '../base/clock.ts'
import { outputFault, type Terminal } from './terminal.ts'

/** Ctrl+C ends a command within five seconds; what has not ended by itself until here is given up. */
const PATIENCE_MS = 4_500
/** 128 + the number of the signal, as shells have it. */
const STATUS_OF_SECOND = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Turns Ctrl+C, SIGTERM, SIGHUP and a closed stdout into one abort signal, so that the work in hand can be stored or given
 * up. The second one ends the process at once, and so does patience that has run out: whatever is then under way is a
 * transaction that has not been committed.
 */
export function listenForInterrupts(
  parts: { terminal: Terminal; clock: Pick<Clock, 'after'> },
  options: { patienceMs?: number } = {},
): { readonly signal: AbortSignal } & Disposable {
  const { terminal, clock } = parts
  const controller = new AbortController()
  let patience: Disposable | null = null
  const stop = (reason: string) => {
    patience ??= clock.after(options.patienceMs ?? PATIENCE_MS, () => {
      terminal.note('The work in hand did not end in time and is given up; nothing half done is stored.')
      process.exit(outputFault(terminal) === null ? 0 : 1)
    })
    controller.abort(new Error(reason))
  }
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(STATUS_OF_SECOND[name as keyof typeof STATUS_OF_SECOND] ?? 1)
    if (process.stderr.isTTY) terminal.note('\nStopping once the work in hand is stored. Ctrl+C again stops at once.')
    stop(`ended by ${name}`)
  }
  const onClosed = () => stop('nothing can be written to the output any more')
  const names = Object.keys(STATUS_OF_SECOND) as NodeJS.Signals[]
  for (const name of names) process.on(name, onSignal)
  terminal.closed.addEventListener('abort', onClosed)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      patience?.[Symbol.dispose]()
      for (const name of names) process.off(name, onSignal)
      terminal.closed.removeEventListener('abort', onClosed)
    },
  }
}
