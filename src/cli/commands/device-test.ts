import type { Command } from 'commander'
import type { Rollcall } from '../../app/rollcall.ts'
import type { ConnectionReport, StepReport, TestStep } from '../../app/test-connection.ts'
import type { TransportSetting } from '../../model/device.ts'
import { parseHost, parseId, parsePort, parseTimezone, parseTransport, usageError } from '../arguments.ts'
import { COMM_KEY_HELP_WITH_ENVIRONMENT, readCommKey } from '../comm-key.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { durationText } from '../moments.ts'
import { withRollcall } from '../open.ts'
import { printable, type Terminal } from '../terminal.ts'
import { TRACE_HELP, TRACE_OPTION, type TraceOptions } from '../trace-option.ts'

interface Options extends CommonOptions, TraceOptions {
  host?: string
  port?: number
  transport?: TransportSetting
  commKey?: string
  timezone?: string
}

const STEP_NAMES: Readonly<Record<TestStep, string>> = {
  reach: 'reach',
  handshake: 'handshake',
  auth: 'auth',
  identity: 'serial and model',
  firmware: 'firmware',
  clock: 'clock',
  counts: 'counts',
}

export function deviceTest(cli: Cli): Command {
  return defineCommand('device:test', {
    summary: 'test the connection step by step, and say what to do about a step that failed',
    details: 'Changes nothing on the device and stores nothing. The exit status is 1 if a step failed.',
    examples: [
      'device:test 1',
      'device:test --host 192.168.1.201',
      'device:test --host 10.0.0.9 --transport udp --comm-key -',
    ],
  })
    .argument('[id]', 'the id of a device, from device:list', text => parseId(text))
    .option('--host <host>', 'an address that is not saved yet, in place of an id', parseHost)
    .option('--port <port>', 'its port (default: 4370)', parsePort)
    .option('--transport <transport>', 'tcp, udp, or auto: TCP first, then UDP (default: auto)', parseTransport)
    .option('--comm-key <key>', COMM_KEY_HELP_WITH_ENVIRONMENT)
    .option('--timezone <zone>', 'the zone of its clock (default: that of this machine)', parseTimezone)
    .option(TRACE_OPTION, TRACE_HELP)
    .action(cli.action((id: number | undefined, options: Options) => testConnectionOf(cli, id, options)))
}

async function testConnectionOf(cli: Cli, id: number | undefined, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  checkUsage(id, options)
  const json = options.json === true
  const commKey = id === undefined ? await readCommKey(options.commKey, cli) : null
  using interrupts = listenForInterrupts(cli)
  return await withRollcall({ ...cli, trace: options.trace }, async rollcall => {
    const told = {
      onStep: (step: StepReport) => printStep(terminal, step, json),
      onWait: (holder: string) =>
        terminal.note(`The device is being synced by ${printable(holder)}; waiting for it to be done.`),
    }
    const report = await testWith(rollcall, { id, options, commKey: commKey ?? 0, told }, interrupts.signal)
    if (json) terminal.json(reportJson(report))
    else terminal.print(report.isGood ? 'The connection works.' : 'The connection does not work yet.')
    return report.isGood ? 0 : 1
  })
}

function checkUsage(id: number | undefined, options: Options): void {
  if (id === undefined && options.host === undefined) {
    throw usageError('device:test needs the id of a device, or --host for an address that is not saved yet.')
  }
  const { host, port, transport, commKey, timezone } = options
  const others = {
    '--port': port,
    '--transport': transport,
    '--comm-key': commKey,
    '--timezone': timezone,
  }
  if (id !== undefined && host !== undefined) throw usageError('Give an id or --host, not both.')
  const [extra] = Object.entries(others).find(([, value]) => value !== undefined) ?? []
  if (id !== undefined && extra !== undefined) {
    throw usageError(
      `${extra} goes with --host alone; a saved device is tested as it is saved (device:edit changes it).`,
    )
  }
}

async function testWith(
  rollcall: Rollcall,
  test: {
    id: number | undefined
    options: Options
    commKey: number
    told: { onStep: (step: StepReport) => void; onWait: (holder: string) => void }
  },
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const { testAddress, testDevice } = await import('../../app/test-device.ts')
  const { id, commKey, told } = test
  if (id !== undefined) return await testDevice(rollcall, id, told, signal)
  const { host = '', port = 4370, transport = 'auto', timezone = Temporal.Now.timeZoneId() } = test.options
  return await testAddress(rollcall, { address: { host, port }, transport, commKey, timezone }, told, signal)
}

function printStep(terminal: Terminal, step: StepReport, json: boolean): void {
  if (json) {
    terminal.json({
      step: step.step,
      transport: step.transport,
      status: step.status,
      duration_ms: step.durationMs,
      detail: step.detail,
      code: step.error?.code ?? null,
      next_step: step.nextStep,
    })
    return
  }
  const marks = {
    ok: terminal.style('green', '✓'),
    warning: terminal.style('yellow', '!'),
    failed: terminal.style('red', '✗'),
  }
  const transport = step.step === 'reach' ? ` (${step.transport.toUpperCase()})` : ''
  const name = `${STEP_NAMES[step.step]}${transport}`.padEnd(17)
  const took = durationText(step.durationMs).padStart(7)
  terminal.print(`${marks[step.status]} ${name} ${took}  ${printable(step.detail)}`)
  if (step.nextStep) terminal.print(terminal.style('dim', `${' '.repeat(29)}${step.nextStep}`))
}

function reportJson(report: ConnectionReport): object {
  return {
    event: 'test.finished',
    ok: report.isGood,
    transport: report.transport,
    serial_number: report.serialNumber,
    model: report.model,
    firmware: report.firmware,
    device_time: report.deviceTime,
    clock_drift_s: report.clockDriftMs === null ? null : Math.round(report.clockDriftMs / 1000),
    attendance_records: report.attendanceRecords,
    attendance_capacity: report.attendanceCapacity,
    users: report.users,
  }
}
