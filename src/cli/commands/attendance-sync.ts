import type { Command } from 'commander'
import { requireActive, sayIfNoneActive } from '../active-devices.ts'
import { collectId, parseInterval } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { withRollcall } from '../open.ts'
import { openProgress } from '../progress.ts'
import { syncPrinter } from '../sync-lines.ts'
import { TRACE_HELP, TRACE_OPTION, type TraceOptions } from '../trace-option.ts'

const INTERVAL_MS = 30_000

interface Options extends CommonOptions, TraceOptions {
  interval: number
  deviceId?: readonly number[]
  once?: true
  full?: true
}

export function attendanceSync(cli: Cli): Command {
  return defineCommand('attendance:sync', {
    summary: 'poll the active devices and store what is new, until Ctrl+C',
    details:
      'A device that fails is tried again later and delays no other. Nothing on a device is ever changed or deleted. With --once the exit status is 1 if a device could not be synced.',
    examples: [
      'attendance:sync',
      'attendance:sync --interval 60 --device-id 1 --device-id 3',
      'attendance:sync --once --json',
    ],
  })
    .option('--interval <seconds>', 'pause between two reads of a device (default: 30)', parseInterval('--interval'))
    .option('--device-id <id>', 'sync this device only; may be given several times', collectId)
    .option('--once', 'make one pass, then end')
    .option('--full', "read each device's whole log once, and compare it with what is stored")
    .option(TRACE_OPTION, TRACE_HELP)
    .action(cli.action((options: Options) => syncAttendance(cli, options)))
}

async function syncAttendance(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const json = options.json === true
  using interrupts = listenForInterrupts(cli)
  const { signal } = interrupts
  const untilInterrupted = options.once ? undefined : { signal, json }
  return await withRollcall({ ...cli, trace: options.trace, untilInterrupted }, async rollcall => {
    const { deviceId: deviceIds, full = false } = options
    if (deviceIds) await requireActive(deviceIds, rollcall.store)
    else await sayIfNoneActive(terminal, rollcall.store, options)
    using progress = await openProgress({ terminal, clock: cli.clock, json })
    const engine = rollcall.engine({ onEvent: syncPrinter(terminal, { json, progress }) })
    if (!options.once) {
      await engine.run({ intervalMs: options.interval ?? INTERVAL_MS, deviceIds, full }, signal)
      return 0
    }
    try {
      const { failed } = await engine.syncOnce({ deviceIds, full }, signal)
      return failed > 0 ? 1 : 0
    } catch (error) {
      if (!signal.aborted) throw error
      // Said, since a script that goes on after this pass must not take it for a whole one.
      terminal.note('Stopped before every device was read.')
      return 1
    }
  })
}
