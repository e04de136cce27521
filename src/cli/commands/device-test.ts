import type { Command } from 'commander'
import type { Rollcall } from '../../app/rollcall.ts'
import { spanText } from '../../app/span-words.ts'
import type { ConnectionReport, Severity, Stage, StageReport } from '../../app/test-connection.ts'
import type { TestOptions } from '../../app/test-device.ts'
import { reportJson, stageJson } from '../../app/test-report-json.ts'
import type { TransportSetting } from '../../model/device.ts'
import { parseHost, parseId, parsePort, parseSpan, parseTimezone, parseTransport, usageError } from '../arguments.ts'
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
  punch?: true
  wait?: number
}

/** As long as somebody needs who walks over to the device. */
const PUNCH_WAIT_MS = 60_000

const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  address: 'address',
  port: 'port',
  handshake: 'handshake',
  'comm-key': 'comm key',
  identity: 'identity',
  firmware: 'firmware',
  clock: 'clock',
  counters: 'counters',
  record: 'one record',
  punch: 'live punch',
}
/** Where the words of a stage begin: behind its mark, name and time. */
const INDENT = ' '.repeat(27)

export function deviceTest(cli: Cli): Command {
  return defineCommand('device:test', {
    summary: 'test the connection stage by stage, and say what to do about a stage that failed',
    details:
      'Changes nothing on the device and stores nothing. docs/verdicts.md lists what a stage can find. The exit status is 1 if a stage failed.',
    examples: [
      'device:test 1',
      'device:test 1 --punch --wait 30s',
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
    .option('--punch', 'wait for one live punch at the end: somebody touches the device')
    .option('--wait <time>', 'how long to wait for it, such as 30s (default: 60s)', parseSpan('--wait'))
    .option(TRACE_OPTION, TRACE_HELP)
    .action(cli.action((id: number | undefined, options: Options) => testConnectionOf(cli, id, options)))
}

async function testConnectionOf(cli: Cli, id: number | undefined, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  checkUsage(id, options)
  const json = options.json === true
  const commKey = id === undefined ? await readCommKey(options.commKey, cli) : null
  using interrupts = listenForInterrupts(cli)
  const { signal } = interrupts
  return await withRollcall({ ...cli, trace: options.trace }, async rollcall => {
    try {
      const told = optionsOf(terminal, options)
      const report = await testWith(rollcall, { id, options, commKey: commKey ?? 0, told }, signal)
      if (json) terminal.json(finishedJson(report))
      else terminal.print(summary(report))
      return report.result === 'failed' ? 1 : 0
    } catch (error) {
      if (!signal.aborted) throw error
      // Said, since a script must not take a test that was stopped for one that went well.
      if (json) terminal.json({ event: 'test.finished', ok: false, result: 'stopped' })
      else terminal.note('Stopped before the test had ended.')
      return 1
    }
  })
}

function optionsOf(terminal: Terminal, options: Options): TestOptions {
  const json = options.json === true
  const waitMs = options.wait ?? PUNCH_WAIT_MS
  const onReady = () => terminal.note(`Punch at the device now, within ${spanText(waitMs)}.`)
  return {
    onStage: report => (json ? terminal.json(stageEventJson(report)) : printStage(terminal, report)),
    onWait: holder => terminal.note(`The device is being synced by ${printable(holder)}; waiting for it to be done.`),
    punch: options.punch ? { waitMs, onReady } : undefined,
  }
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
  if (options.wait !== undefined && !options.punch) throw usageError('--wait goes with --punch alone.')
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
  test: { id: number | undefined; options: Options; commKey: number; told: TestOptions },
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const { testAddress, testDevice } = await import('../../app/test-device.ts')
  const { id, commKey, told } = test
  if (id !== undefined) return await testDevice(rollcall, id, told, signal)
  const { host = '', port = 4370, transport = 'auto', timezone = Temporal.Now.timeZoneId() } = test.options
  return await testAddress(rollcall, { address: { host, port }, transport, commKey, timezone }, told, signal)
}

function printStage(terminal: Terminal, report: StageReport): void {
  const marks = {
    ok: terminal.style('green', '✓'),
    warning: terminal.style('yellow', '!'),
    failed: terminal.style('red', '✗'),
    skipped: terminal.style('dim', '-'),
  }
  const { stage, status, transport, found } = report
  const over = stage === 'port' && transport ? ` (${transport.toUpperCase()})` : ''
  const name = `${STAGE_NAMES[stage]}${over}`.padEnd(14)
  const took = (status === 'skipped' ? 'skipped' : durationText(report.durationMs)).padStart(8)
  const line = `${marks[status]} ${name} ${took}  ${printable(found)}`
  terminal.print(status === 'skipped' ? terminal.style('dim', line) : line)
  for (const { code, cause, nextStep } of report.verdicts) {
    terminal.print(`${INDENT}${code}: ${cause}`)
    terminal.print(terminal.style('dim', `${INDENT}${nextStep}`))
  }
}

function summary({ result, verdicts }: ConnectionReport): string {
  const codes = (severity: Severity) =>
    verdicts.filter(verdict => verdict.severity === severity).map(({ code }) => code)
  if (result === 'failed') return `The connection does not work yet: ${[...new Set(codes('failed'))].join(', ')}.`
  if (result === 'ok') return 'The connection works.'
  return `The connection works. Worth a look: ${[...new Set(verdicts.map(({ code }) => code))].join(', ')}.`
}

function stageEventJson(report: StageReport): object {
  return { event: 'test.stage', ...stageJson(report), verdict: report.verdicts[0]?.code ?? null }
}

function finishedJson(report: ConnectionReport): object {
  const verdicts = report.verdicts.map(({ code }) => code)
  return { event: 'test.finished', ...reportJson(report), verdicts }
}
