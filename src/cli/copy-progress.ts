import type { SingleBar } from 'cli-progress'
import type { CopyProgress } from '../app/copy.ts'
import type { Clock } from '../base/clock.ts'
import type { Terminal } from './terminal.ts'

/** Without a terminal so often at most. */
const LINE_EVERY_MS = 10_000

export interface CopyProgressView extends Disposable {
  show(progress: CopyProgress): void
}

/** A bar on a terminal, a line now and then elsewhere, nothing at all beside JSON. */
export async function openCopyProgress(parts: {
  terminal: Terminal
  clock: Pick<Clock, 'monotonicMs'>
  json: boolean
}): Promise<CopyProgressView> {
  if (parts.json) return { show() {}, [Symbol.dispose]() {} }
  if (!parts.terminal.isInteractive) return new CopyLines(parts)
  const { default: cliProgress } = await import('cli-progress')
  const bar = new cliProgress.SingleBar(
    {
      format: '  {what} {bar} {value}/{total} rows',
      stream: process.stdout,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 20,
      fps: 5,
      // Ctrl+C is heard in one place, and must not end the process from here.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  )
  return new CopyBar(bar)
}

class CopyBar implements CopyProgressView {
  readonly #bar: SingleBar
  #hasBegun = false

  constructor(bar: SingleBar) {
    this.#bar = bar
  }

  show(progress: CopyProgress): void {
    const { done, rows } = progress
    const texts = { what: whatOf(progress) }
    if (!this.#hasBegun) this.#bar.start(rows, done, texts)
    this.#hasBegun = true
    this.#bar.setTotal(rows)
    this.#bar.update(done, texts)
  }

  [Symbol.dispose](): void {
    if (this.#hasBegun) this.#bar.stop()
  }
}

class CopyLines implements CopyProgressView {
  readonly #terminal: Terminal
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #saidAtMs: number

  constructor(parts: { terminal: Terminal; clock: Pick<Clock, 'monotonicMs'> }) {
    this.#terminal = parts.terminal
    this.#clock = parts.clock
    this.#saidAtMs = parts.clock.monotonicMs()
  }

  show(progress: CopyProgress): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#saidAtMs < LINE_EVERY_MS) return
    this.#saidAtMs = nowMs
    this.#terminal.note(`${whatOf(progress)} - ${progress.done}/${progress.rows} rows`)
  }

  [Symbol.dispose](): void {}
}

function whatOf({ stage, table }: CopyProgress): string {
  return `${stage === 'copy' ? 'copying' : 'comparing'} ${table}`
}
