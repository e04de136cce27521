import type { Command } from 'commander'
import type { ClockSetting, SeenTime } from '../../app/set-clock.ts'
import { driftText } from '../../app/span-words.ts'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { withRollcall } from '../open.ts'
import { printable, type Terminal } from '../terminal.ts'
import { TRACE_HELP, TRACE_OPTION } from '../trace-option.ts'

interface Options extends CommonOptions {
  trace?: string
}

export function deviceSetClock(cli: Cli): Command {
  return defineCommand('device:set-clock', {
    summary: 'set the clock of a device to the time of its zone, and read it back',
    details:
      'The time is that of this machine, in the time zone of the device (device:edit ID --timezone). Punches that are made while a clock is set back can fall into the same second as earlier ones.',
    examples: ['device:set-clock 1', 'device:set-clock 1 --json'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .option(TRACE_OPTION, TRACE_HELP)
    .action(cli.action((id: number, options: Options) => setClock(cli, id, options)))
}

async function setClock(cli: Cli, id: number, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  using interrupts = listenForInterrupts(cli)
  return await withRollcall({ ...cli, trace: options.trace }, async rollcall => {
    const { setDeviceClock } = await import('../../app/set-clock.ts')
    const onWait = (holder: string) =>
      terminal.note(`The device is being synced by ${printable(holder)}; waiting for it to be done.`)
    const setting = await setDeviceClock(rollcall, id, { onWait }, interrupts.signal)
    if (options.json) terminal.json(settingJson(setting))
    else printSetting(terminal, setting)
    return 0
  })
}

function settingJson({ device, before, after }: ClockSetting): object {
  return {
    device_id: device.id,
    device: device.name,
    timezone: device.timezone,
    local_time_before: before?.localTime ?? null,
    drift_before_s: before?.driftSeconds ?? null,
    local_time_after: after?.localTime ?? null,
    drift_after_s: after?.driftSeconds ?? null,
  }
}

function printSetting(terminal: Terminal, { device, before, after }: ClockSetting): void {
  terminal.print(`The clock of ${printable(device.name)} is set to the time of ${device.timezone}.`)
  terminal.print(`  before  ${seenText(before)}`)
  terminal.print(`  after   ${seenText(after)}`)
}

function seenText(seen: SeenTime | null): string {
  return seen === null ? 'could not be read' : `${seen.localTime}, ${driftText(seen.driftSeconds)}`
}
