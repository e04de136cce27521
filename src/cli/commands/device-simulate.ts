import type { Command } from 'commander'
import type { ReplayStarted } from '../../app/replay.ts'
import type { SimulateEvent, SimulateSummary } from '../../app/simulate.ts'
import { parseCount, parseHost, parseSpan, usageError } from '../arguments.ts'
import { readCommKey } from '../comm-key.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { printable, type Terminal } from '../terminal.ts'

type Transports = 'tcp' | 'udp' | 'both'

interface Options extends CommonOptions {
  port: number
  listen: string
  transport: Transports
  commKey?: string
  records: number
  users: number
  layout: string
  punchEvery?: number
  fault?: readonly string[]
  seed: number
  replay?: string
}

const TRANSPORT_NAMES: Readonly<Record<Transports, string>> = { tcp: 'TCP', udp: 'UDP', both: 'TCP and UDP' }

export function deviceSimulate(cli: Cli): Command {
  return defineCommand('device:simulate', {
    summary: 'be one virtual device, until Ctrl+C',
    details:
      'For trying things without a device on the wall. docs/virtual-device.md lists the faults; "--fault help" shows their names. One seed gives one device: the same serial number, people and misfortunes.',
    examples: [
      'device:simulate --records 1000 --punch-every 5s',
      'device:simulate --port 4371 --transport udp --layout 16 --comm-key 1234',
      'device:simulate --replay gate.jsonl --port 4371',
      'device:simulate --fault lost-packets=0.2 --fault torn-packets --seed 7',
    ],
  })
    .option('--port <port>', 'its port; 0 takes any free one', parseCount('--port', { min: 0, max: 65_535 }), 4370)
    .option('--listen <address>', 'the address of this machine where it listens', parseListen, '127.0.0.1')
    .option('--transport <transport>', 'tcp, udp or both', parseTransports, 'both')
    .option('--comm-key <key>', 'the comm key that it demands')
    .option(
      '--records <count>',
      'attendance records at the start',
      parseCount('--records', { min: 0, max: 1_000_000 }),
      100,
    )
    .option('--users <count>', 'people that it knows', parseCount('--users', { min: 1, max: 3000 }), 20)
    .option('--layout <bytes>', 'bytes of an attendance record: 8, 16 or 40; "help" shows all', '40')
    .option('--punch-every <time>', 'somebody punches this often, such as 5s', parseSpan('--punch-every'))
    .option('--fault <name>', 'behave like this; may be given several times; "help" shows all', collectText)
    .option('--seed <number>', 'which device to be', parseCount('--seed', { min: 0, max: 2 ** 32 - 1 }), 1)
    .option('--replay <file>', 'be the device of a trace in place of a virtual one, without its pauses')
    .action(cli.action((options: Options, command: Command) => simulate(cli, options, command)))
}

function parseTransports(text: string): Transports {
  if (text === 'tcp' || text === 'udp' || text === 'both') return text
  throw usageError(`--transport must be tcp, udp or both, not "${text}".`)
}

function parseListen(text: string): string {
  try {
    return parseHost(text)
  } catch {
    throw usageError(`--listen must be an address of this machine, such as 0.0.0.0, not "${text}".`)
  }
}

function collectText(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

async function simulate(cli: Cli, options: Options, command: Command): Promise<ExitStatus> {
  if (options.replay !== undefined) return await replay(cli, { ...options, replay: options.replay }, command)
  const { terminal, clock } = cli
  const { listFaults, listLayouts, simulateDevice } = await import('../../app/simulate.ts')
  if (options.fault?.includes('help')) {
    for (const { name, does } of listFaults()) {
      if (options.json) terminal.json({ fault: name, does })
      else terminal.print(`${name.padEnd(32)}${does}`)
    }
    return 0
  }
  if (options.layout === 'help') {
    for (const { name, is } of listLayouts()) {
      if (options.json) terminal.json({ layout: name, is })
      else terminal.print(`${name.padEnd(8)}${is}`)
    }
    return 0
  }
  const commKey = (await readCommKey(options.commKey, {})) ?? 0
  using interrupts = listenForInterrupts(cli)
  const onEvent = (event: SimulateEvent) => {
    if (options.json) terminal.json(eventJson(event))
    else for (const line of eventLines(event)) terminal.print(line)
  }
  const summary = await simulateDevice(
    {
      ...options,
      host: options.listen,
      commKey,
      punchEveryMs: options.punchEvery ?? null,
      faults: options.fault ?? [],
    },
    { base: { clock }, onEvent },
    interrupts.signal,
  )
  tellSummary(terminal, summary, options)
  return 0
}

/** The trace says all of a device but where it listens. */
async function replay(cli: Cli, options: Options & { replay: string }, command: Command): Promise<ExitStatus> {
  const { terminal, clock } = cli
  const allowed = new Set(['replay', 'port', 'listen', 'json'])
  const extra = command.options.find(
    option => !allowed.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (extra) throw usageError(`${extra.long} has no effect on a device that is played back; --replay goes without it.`)
  const { replayDevice } = await import('../../app/replay.ts')
  using interrupts = listenForInterrupts(cli)
  const onStart = (started: ReplayStarted) => {
    const { host, port, transport, exchanges } = started
    if (options.json) return terminal.json(started)
    const where = `${host}:${port} (${TRANSPORT_NAMES[transport]})`
    terminal.print(
      `The device of ${printable(options.replay)} listens on ${where}; it can answer ${exchanges} request(s).`,
    )
    terminal.print(`Try it with: rollcall device:test --host ${host} --port ${port}. Ctrl+C ends it.`)
  }
  const { replay: path, listen: host, port } = options
  const { connections } = await replayDevice({ path, host, port }, { base: { clock }, onStart }, interrupts.signal)
  if (options.json) terminal.json({ event: 'replay.stopped', connections })
  else terminal.print(`Stopped after ${connections} connection(s).`)
  return 0
}

function eventLines(event: SimulateEvent): string[] {
  switch (event.event) {
    case 'device.listening': {
      const faults = event.faults.length > 0 ? [`Faults: ${event.faults.join(', ')}.`] : []
      return [
        `${event.model}, serial number ${event.serialNumber}, listens on ${event.host}:${event.port} (${TRANSPORT_NAMES[event.transport]}).`,
        `${event.records} records of layout ${event.layout}, ${event.users} users.`,
        ...faults,
        `Try it with: rollcall device:test --host ${event.host} --port ${event.port}. Ctrl+C ends it.`,
      ]
    }
    case 'punch.made': {
      const { name, punch } = event
      return [
        `${punch.localTime}  ${punch.userId.padEnd(6)}  ${name.padEnd(20)}  ${event.words.state}, ${event.words.verifyMode}`,
      ]
    }
    default:
      return event satisfies never
  }
}

function eventJson(event: SimulateEvent): object {
  switch (event.event) {
    case 'device.listening': {
      const { serialNumber: serial_number, ...rest } = event
      return { ...rest, serial_number }
    }
    case 'punch.made':
      return {
        event: event.event,
        device_user_id: event.punch.userId,
        name: event.name,
        local_time: event.punch.localTime,
        punch_state: event.punch.punchState,
        verify_mode: event.punch.verifyMode,
        records: event.records,
      }
    default:
      return event satisfies never
  }
}

function tellSummary(terminal: Terminal, summary: SimulateSummary, options: Options): void {
  const { records, connections } = summary
  if (options.json) terminal.json({ event: 'device.stopped', records, connections })
  else terminal.print(`Stopped after ${connections} connection(s), with ${records} record(s) in the log.`)
}
