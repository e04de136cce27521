import type { Command } from 'commander'
import type { DeviceStanding } from '../../app/device-standing.ts'
import type { StandingRun } from '../../app/device-state.ts'
import { deviceJson } from '../../app/device-view.ts'
import { agoText } from '../../app/span-words.ts'
import { type Device, deviceStatus } from '../../model/device.ts'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addressText } from '../device-view.ts'
import { durationText, momentText } from '../moments.ts'
import { withRollcall } from '../open.ts'
import { fieldLines, tableLines } from '../table.ts'
import { printable, type Terminal } from '../terminal.ts'

/** As many as stand on a screen beside the rest. */
const RUNS_SHOWN = 10

export function deviceShow(cli: Cli): Command {
  return defineCommand('device:show', {
    summary: 'show how one device stands: contact, mode, memory, clock, layout, coverage, last runs',
    examples: ['device:show 1', 'device:show 1 --json'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => showDevice(cli, id, options)))
}

async function showDevice(cli: Cli, id: number, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const { readDeviceStanding } = await import('../../app/device-standing.ts')
    const standing = await readDeviceStanding(store, id, clock.now())
    if (options.json) terminal.json(standingJson(standing))
    else printStanding(terminal, standing, clock.now())
    return 0
  })
}

function standingJson(standing: DeviceStanding): object {
  const { device, checkpoint, memory, clock, coverage, words } = standing
  return {
    ...deviceJson(device),
    state: standing.state,
    sentence: standing.sentence,
    next_step: standing.nextStep,
    attendance_logs: standing.attendanceLogs,
    record_layout: checkpoint?.layout ?? null,
    layout_proven_on: checkpoint?.firmware ?? null,
    records_at_last_read: checkpoint?.recordCount ?? null,
    compared_at: checkpoint?.comparedAt?.toISOString() ?? null,
    memory: {
      records: memory.records,
      capacity: memory.capacity,
      percent_full: memory.percentFull,
      growth_per_day: memory.growthPerDay,
      full_in_days: memory.fullInDays,
    },
    clock: clock && {
      read_at: clock.newest.readAt.toISOString(),
      local_time: clock.newest.localTime,
      drift_s: clock.newest.driftSeconds,
      set_at: clock.setAt?.toISOString() ?? null,
    },
    proven_until: coverage.provenUntil?.toISOString() ?? null,
    words: { ...words, memory: memory.text, coverage: coverage.line },
    runs: standing.runs.slice(0, RUNS_SHOWN).map(runJson),
  }
}

function runJson(run: StandingRun): object {
  return {
    id: run.id,
    mode: run.mode,
    status: run.status,
    state: run.state,
    started_at: run.startedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    records_on_device: run.recordsOnDevice,
    received: run.received,
    inserted: run.inserted,
    duplicates: run.duplicates,
    quarantined: run.quarantined,
    bytes: run.bytes,
    count_proof: run.countProof,
    full_because: run.fullBecause,
    missed_by_tail: run.missedByTail,
    error_code: run.error?.code ?? null,
    error_message: run.error?.message ?? null,
  }
}

function printStanding(terminal: Terminal, standing: DeviceStanding, nowMs: number): void {
  const { device, words, memory, coverage, nextStep } = standing
  const untold = device.lastSyncedAt ? 'the device does not tell' : 'not known before the first contact'
  const last = device.lastSyncedAt
  const lines = fieldLines([
    ['id', String(device.id)],
    ['name', device.name],
    ['address', `${addressText(device)} (${transportText(device)})`],
    ['status', deviceStatus(device)],
    ['comm key', device.hasCommKey ? 'set' : 'none'],
    ['time zone', device.timezone],
    ['tags', device.tags.join(', ') || 'none'],
    ['serial number', device.serialNumber ?? untold],
    ['model', device.model ?? untold],
    ['firmware', device.firmware ?? untold],
    ['last contact', last ? `${momentText(last)} (${agoText(last, nowMs)})` : 'never'],
    ['mode', words.mode],
    ['memory', memory.text],
    ['clock', `${words.clock}${device.setsClock ? '; set where it is wrong' : ''}`],
    ['record layout', words.layout],
    ['coverage', coverage.line],
    ['attendance logs', String(standing.attendanceLogs)],
  ])
  for (const line of lines) terminal.print(line)
  if (device.lastError !== null) {
    terminal.print('')
    terminal.print(terminal.style('red', `Last error: ${printable(device.lastError)}`))
    if (nextStep) terminal.print(`  ${nextStep}`)
  }
  const runs = standing.runs.slice(0, RUNS_SHOWN)
  if (runs.length === 0) return
  terminal.print('')
  const headings = ['LAST RUNS', 'MODE', 'STATUS', 'TOOK', 'RECEIVED', 'NEW', 'NOTE']
  for (const line of tableLines(headings, runs.map(runRow), terminal)) terminal.print(line)
}

function transportText(device: Device): string {
  if (device.transport !== 'auto') return device.transport
  return device.provenTransport ? `auto, ${device.provenTransport} works` : 'auto'
}

function runRow(run: StandingRun): string[] {
  const took = run.finishedAt ? durationText(run.finishedAt.getTime() - run.startedAt.getTime()) : ''
  return [momentText(run.startedAt), run.mode, run.state, took, String(run.received), String(run.inserted), noteOf(run)]
}

/** The error of a run that has failed; otherwise why everything was read. */
function noteOf(run: StandingRun): string {
  if (run.error && run.state !== 'running') return `${run.error.code}: ${run.error.message}`
  return run.fullBecause ? `all read: ${run.fullBecause}` : ''
}
