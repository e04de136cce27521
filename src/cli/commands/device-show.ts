import type { Command } from 'commander'
import { ERROR_CODES } from '../../base/errors.ts'
import type { Device } from '../../model/device.ts'
import type { Checkpoint, SyncRun } from '../../model/store.ts'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addressText, deviceJson, statusText } from '../device-view.ts'
import { agoText, durationText, momentText } from '../moments.ts'
import { withRollcall } from '../open.ts'
import { fieldLines, tableLines } from '../table.ts'
import { printable, type Terminal } from '../terminal.ts'

/** As many runs as one looks at to see a pattern. */
const RUNS_SHOWN = 10

export function deviceShow(cli: Cli): Command {
  return defineCommand('device:show', {
    summary: 'show one device: identity, last contact, last error and what to do, last runs',
    examples: ['device:show 1', 'device:show 1 --json'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => showDevice(cli, id, options)))
}

interface Shown {
  readonly device: Device
  readonly runs: readonly SyncRun[]
  readonly checkpoint: Checkpoint | null
  readonly attendanceLogs: number
}

async function showDevice(cli: Cli, id: number, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const shown: Shown = {
      device: await store.devices.get(id),
      runs: await store.punches.runs({ deviceId: id, limit: RUNS_SHOWN }),
      checkpoint: await store.punches.checkpoint(id),
      attendanceLogs: await store.logs.count({ deviceIds: [id] }),
    }
    if (options.json) terminal.json(shownJson(shown))
    else printShown(terminal, shown, clock.now())
    return 0
  })
}

/** The step that mends the last failure; the device itself remembers the sentence of the failure alone. */
function nextStepOf({ device, runs }: Shown): string | null {
  const failure = device.lastError === null ? undefined : runs.find(run => run.error)?.error
  return failure ? ERROR_CODES[failure.code].nextStep : null
}

function shownJson(shown: Shown): object {
  const { device, runs, checkpoint } = shown
  return {
    ...deviceJson(device),
    next_step: nextStepOf(shown),
    attendance_logs: shown.attendanceLogs,
    record_layout: checkpoint?.layout ?? null,
    records_at_last_read: checkpoint?.recordCount ?? null,
    runs: runs.map(run => ({
      id: run.id,
      mode: run.mode,
      status: run.status,
      started_at: run.startedAt.toISOString(),
      finished_at: run.finishedAt?.toISOString() ?? null,
      records_on_device: run.recordsOnDevice,
      received: run.received,
      inserted: run.inserted,
      duplicates: run.duplicates,
      quarantined: run.quarantined,
      bytes: run.bytes,
      count_proof: run.countProof,
      error_code: run.error?.code ?? null,
      error_message: run.error?.message ?? null,
    })),
  }
}

function printShown(terminal: Terminal, shown: Shown, nowMs: number): void {
  const { device, checkpoint, runs } = shown
  const untold = device.lastSyncedAt ? 'the device does not tell' : 'not known before the first contact'
  const last = device.lastSyncedAt
  const lines = fieldLines([
    ['id', String(device.id)],
    ['name', device.name],
    ['address', `${addressText(device)} (${transportText(device)})`],
    ['status', statusText(device)],
    ['comm key', device.hasCommKey ? 'set' : 'none'],
    ['time zone', device.timezone],
    ['serial number', device.serialNumber ?? untold],
    ['model', device.model ?? untold],
    ['firmware', device.firmware ?? untold],
    ['last sync', last ? `${momentText(last)} (${agoText(last, nowMs)})` : 'never'],
    ['attendance logs', String(shown.attendanceLogs)],
    ['record layout', checkpoint?.layout ?? 'not proven yet'],
  ])
  for (const line of lines) terminal.print(line)
  if (device.lastError !== null) {
    terminal.print('')
    terminal.print(terminal.style('red', `Last error: ${printable(device.lastError)}`))
    const nextStep = nextStepOf(shown)
    if (nextStep) terminal.print(`  ${nextStep}`)
  }
  if (runs.length === 0) return
  terminal.print('')
  const headings = ['LAST RUNS', 'MODE', 'STATUS', 'TOOK', 'RECEIVED', 'NEW', 'ERROR']
  for (const line of tableLines(headings, runs.map(runRow), terminal)) terminal.print(line)
}

function transportText(device: Device): string {
  if (device.transport !== 'auto') return device.transport
  return device.provenTransport ? `auto, ${device.provenTransport} works` : 'auto'
}

function runRow(run: SyncRun): string[] {
  const took = run.finishedAt ? durationText(run.finishedAt.getTime() - run.startedAt.getTime()) : ''
  const error = run.error ? `${run.error.code}: ${run.error.message}` : ''
  return [momentText(run.startedAt), run.mode, run.status, took, String(run.received), String(run.inserted), error]
}
