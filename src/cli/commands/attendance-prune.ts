import type { Command } from 'commander'
import type { DevicePruning, Pruning } from '../../app/prune.ts'
import type { Device } from '../../model/device.ts'
import { collectId, usageError } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { confirm, requireAnswer } from '../confirm.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { requireDevices } from '../log-filter.ts'
import { momentText } from '../moments.ts'
import { withRollcall } from '../open.ts'
import { printable, type Terminal } from '../terminal.ts'
import { parseTimeArgument } from '../time-argument.ts'

interface Options extends CommonOptions {
  before: string
  deviceId?: readonly number[]
  yes?: true
}

export function attendancePrune(cli: Cli): Command {
  return defineCommand('attendance:prune', {
    summary: 'remove old attendance logs that their devices no longer hold',
    details:
      'Those that a device still holds stay, since the next full comparison would bring them back; so do those of which that is not known. Both are counted, with what to do. Nothing on a device is changed. docs/decisions/retention.md has the rule.',
    examples: ['attendance:prune --before 730d', 'attendance:prune --before 2024-01-01 --device-id 1 --yes'],
  })
    .requiredOption('--before <time>', 'older than a date or time, or an age such as 730d')
    .option('--device-id <id>', 'of this device only; may be given several times', collectId)
    .option('--yes', 'do not ask')
    .action(cli.action((options: Options) => prune(cli, options)))
}

async function prune(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  requireAnswer('attendance:prune', options)
  const before = parseBefore(options.before, cli.clock.now())
  using interrupts = listenForInterrupts(cli)
  const { signal } = interrupts
  return await withRollcall(cli, async rollcall => {
    const { deviceId: ids } = options
    if (ids) await requireDevices(ids, rollcall.store)
    const devices = await rollcall.store.devices.list(ids ? { ids } : {})
    const { surveyOldLogs, pruneOldLogs } = await import('../../app/prune.ts')
    const survey = await surveyOldLogs(rollcall, { devices, before }, signal)
    const isWanted = options.yes || survey.total.removable === 0 || (await confirm(questionOf(survey), signal))
    if (signal.aborted || !isWanted) {
      terminal.note('Nothing was removed.')
      return 1
    }
    const pruning = await pruneOldLogs(rollcall, survey, signal)
    if (options.json) printJson(terminal, pruning)
    else printPruning(terminal, pruning)
    if (pruning.isComplete) return 0
    // Not a success, since a script that goes on must not take what went for all of it.
    terminal.note('Stopped before everything was removed; run it again to go on.')
    return 1
  })
}

function parseBefore(text: string, nowMs: number): Date {
  const before = parseTimeArgument(text, { option: '--before', nowMs, timezone: Temporal.Now.timeZoneId() })
  // A year that was mistyped would otherwise remove everything.
  if (before.getTime() > nowMs) throw usageError(`--before ${text} lies in the future.`)
  return before
}

function questionOf({ before, devices, total }: Pruning): string {
  const from = devices.filter(({ removable }) => removable > 0).length
  const kept = total.held + total.unknown
  const rest = kept === 0 ? '' : ` ${kept} more are as old and stay.`
  return `Remove ${total.removable} attendance log(s) of ${from} device(s) from before ${momentText(before)} for good?${rest}`
}

function printJson(terminal: Terminal, { before, devices, total, isComplete }: Pruning): void {
  for (const pruned of devices) {
    terminal.json({
      event: 'device.pruned',
      device_id: pruned.device.id,
      device: pruned.device.name,
      removed: pruned.removable,
      kept_on_device: pruned.held,
      kept_unknown: pruned.unknown,
      next_step: nextStepOf(pruned),
    })
  }
  terminal.json({
    event: 'prune.finished',
    before: before.toISOString(),
    removed: total.removable,
    kept_on_device: total.held,
    kept_unknown: total.unknown,
    complete: isComplete,
  })
}

function printPruning(terminal: Terminal, { before, devices, total }: Pruning): void {
  for (const pruned of devices) {
    const name = printable(pruned.device.name)
    terminal.print(`${name} - ${pruned.removable} removed`)
    if (pruned.held > 0) terminal.print(`    ${pruned.held} kept: the device still holds them, or may`)
    const nextStep = nextStepOf(pruned)
    if (nextStep) terminal.print(`    ${pruned.unknown} kept: it is not known what the device holds; run ${nextStep}`)
  }
  terminal.print(`Removed ${total.removable} attendance log(s) from before ${momentText(before)}.`)
}

/** What makes known whether a device holds what is kept; null where that is known. */
function nextStepOf({ device, unknown }: DevicePruning): string | null {
  if (unknown === 0) return null
  return `${enabled(device)}rollcall attendance:sync --once --full --device-id ${device.id}`
}

function enabled({ id, isActive }: Device): string {
  return isActive ? '' : `rollcall device:enable ${id}, then `
}
