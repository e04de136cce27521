import type { Command } from 'commander'
import type { DispatchEvent } from '../../app/dispatch.ts'
import { requireActive, sayIfNoneActive } from '../active-devices.ts'
import { collectId, parseInterval } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { dispatchJson, dispatchLines } from '../queue-lines.ts'
import { withQueue } from '../with-queue.ts'

const INTERVAL_MS = 60_000

interface Options extends CommonOptions {
  interval?: number
  deviceId?: readonly number[]
  once?: true
}

export function attendanceLiveSync(cli: Cli): Command {
  return defineCommand('attendance:live-sync', {
    summary: 'queue a sync job for each active device at every interval, until Ctrl+C',
    details:
      'The jobs are run by queue:work, in this or other processes. A device never has two jobs waiting, however slow it is and however many dispatchers run.',
    examples: [
      'attendance:live-sync',
      'attendance:live-sync --interval 30 --device-id 1 --device-id 3',
      'attendance:live-sync --once --json',
    ],
  })
    .option('--interval <seconds>', 'pause between two rounds (default: 60)', parseInterval('--interval'))
    .option('--device-id <id>', 'queue jobs for this device only; may be given several times', collectId)
    .option('--once', 'queue one round, then end')
    .action(cli.action((options: Options) => liveSync(cli, options)))
}

async function liveSync(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  using interrupts = listenForInterrupts(cli)
  const untilInterrupted = options.once ? undefined : { signal: interrupts.signal, json: options.json === true }
  return await withQueue({ ...cli, untilInterrupted }, async ({ rollcall, queue }) => {
    const { store, base } = rollcall
    const { deviceId: deviceIds, interval: intervalMs = INTERVAL_MS } = options
    if (deviceIds) await requireActive(deviceIds, store)
    else await sayIfNoneActive(terminal, store, options)
    const { dispatch, dispatchOnce } = await import('../../app/dispatch.ts')
    const parts = { store, queue, base, onEvent: printer(cli, options) }
    if (options.once) await dispatchOnce({ deviceIds }, parts)
    else await dispatch({ deviceIds, intervalMs }, parts, interrupts.signal)
    return 0
  })
}

/** Rounds that find nothing to do are no news to people after the first one. */
function printer({ terminal }: Cli, options: Options): (event: DispatchEvent) => void {
  let last = ''
  return event => {
    if (options.json) return terminal.json(dispatchJson(event))
    const lines = dispatchLines(event, terminal)
    const isSame = event.event === 'dispatch.queued' && event.queued === 0 && last === lines.join()
    last = lines.join()
    if (!isSame) for (const line of lines) terminal.print(line)
  }
}
