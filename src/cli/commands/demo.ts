import { emitKeypressEvents } from 'node:readline'
import type { Command } from 'commander'
import type { AttendanceView } from '../../app/attendance-view.ts'
import type { DemoControls, DemoEvent } from '../../app/demo.ts'
import { type CountProof, isProven } from '../../app/demo-proof.ts'
import { findPages } from '../../app/pages.ts'
import { systemRandom } from '../../base/random.ts'
import { parseSpan } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { configOf } from '../open.ts'
import { pagesPrinter } from '../pages-lines.ts'
import { storeEventJson, storeEventLines, syncEventJson, syncEventLines } from '../sync-lines.ts'
import { printable, type Terminal } from '../terminal.ts'

/** As for `start`. */
const PATIENCE_MS = 4_800

interface Options extends CommonOptions {
  for?: number
}

export function demo(cli: Cli): Command {
  return defineCommand('demo', {
    summary: 'watch it work: virtual devices, people who punch, the web interface, a database that is thrown away',
    details:
      'Runs on this machine alone and needs nothing. It prints an address and who may sign in there. Pull a network cable and put it back: what was punched meanwhile arrives. At the end every punch in the memory of the devices is compared with the database.',
    examples: ['demo', 'demo --for 30s', 'demo --for 30s --json'],
  })
    .option('--for <time>', 'end by itself after this time, such as 30s', parseSpan('--for'))
    .action(cli.action((options: Options) => showDemo(cli, options)))
}

async function showDemo(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal, clock } = cli
  const json = options.json === true
  const { web } = configOf(cli)
  using interrupts = listenForInterrupts(cli, { patienceMs: PATIENCE_MS })
  // Not a part of its time, since a build can take longer.
  const pages = await findPages({ clock, onEvent: pagesPrinter(terminal) }, interrupts.signal)
  if (interrupts.signal.aborted) return 0
  const ended = new AbortController()
  using _timer = options.for === undefined ? null : clock.after(options.for, () => ended.abort())
  using keys = new CableKeys({ isOn: !json && process.stdin.isTTY === true && terminal.isInteractive })
  const { runDemo } = await import('../../app/demo.ts')
  const proof = await runDemo(
    {
      base: { clock, random: systemRandom },
      web,
      pages,
      onReady: controls => keys.listen(controls),
      onEvent: event => {
        if (json) for (const object of eventJson(event)) terminal.json(object)
        else for (const line of eventLines(event, { terminal, hasKeys: keys.isOn })) terminal.print(line)
      },
    },
    AbortSignal.any([interrupts.signal, ended.signal]),
  )
  return isProven(proof) ? 0 : 1
}

/** Single keys on a terminal. In raw mode Ctrl+C is a key like any other, so it is turned back into the signal. */
class CableKeys implements Disposable {
  readonly isOn: boolean
  #onKey: ((text: string | undefined, key: { name?: string; ctrl?: boolean }) => void) | null = null

  constructor(options: { isOn: boolean }) {
    this.isOn = options.isOn
  }

  listen(controls: DemoControls): void {
    if (!this.isOn) return
    emitKeypressEvents(process.stdin)
    this.#onKey = (text, key) => {
      if (key.ctrl && key.name === 'c') process.kill(process.pid, 'SIGINT')
      else if (text && /^[1-9]$/.test(text)) void controls.toggleCable(Number(text))
    }
    process.stdin.setRawMode(true)
    process.stdin.on('keypress', this.#onKey)
  }

  [Symbol.dispose](): void {
    if (!this.#onKey) return
    process.stdin.off('keypress', this.#onKey)
    process.stdin.setRawMode(false)
    process.stdin.pause()
    this.#onKey = null
  }
}

function eventLines(event: DemoEvent, { terminal, hasKeys }: { terminal: Terminal; hasKeys: boolean }): string[] {
  switch (event.event) {
    case 'demo.started':
      return introduction(event, { terminal, hasKeys })
    case 'demo.cable': {
      const what = event.isPluggedIn
        ? 'is back on the network'
        : 'has lost its network cable; people go on punching at it'
      return [terminal.style('yellow', `⚡ ${printable(event.device)} ${what}`)]
    }
    case 'demo.stored':
      return event.views.map(punchLine)
    case 'demo.finished':
      return conclusion(event.proof, terminal)
    case 'store.unreachable':
    case 'store.reachable':
      return storeEventLines(event, terminal)
    // Every two seconds five times "nothing new" would hide what happens.
    case 'device.synced':
      return event.inserted > 0 ? syncEventLines(event, terminal) : []
    case 'device.failed':
    case 'device.punched':
    case 'device.listening':
    case 'device.unheard':
    case 'device.missed':
    case 'device.waiting':
    case 'device.progress':
    case 'device.down':
    case 'device.up':
      return syncEventLines(event, terminal)
    default:
      return event satisfies never
  }
}

type Started = Extract<DemoEvent, { event: 'demo.started' }>

function introduction(event: Started, { terminal, hasKeys }: { terminal: Terminal; hasKeys: boolean }): string[] {
  const width = Math.max(...event.devices.map(({ name }) => name.length))
  return [
    terminal.style(
      'bold',
      `Rollcall demo: ${event.devices.length} virtual devices on this machine, and invented people who punch at them.`,
    ),
    `Those that are live tell each punch as it happens, the others are asked every ${event.intervalMs / 1000} s.`,
    'All goes into a database that is thrown away at the end.',
    '',
    ...event.devices.map(
      ({ name, host, port, kind }, index) => `  ${index + 1}  ${name.padEnd(width)}  ${host}:${port}  ${kind}`,
    ),
    '',
    ...wayIn(event, terminal),
    '',
    ...(hasKeys
      ? ['Keys 1 to 5 pull the network cable of a device, and put it back. Ctrl+C ends it and counts.']
      : ['Ctrl+C ends it and counts.']),
    'Your own device next: rollcall device:test --host ADDRESS, then device:add and attendance:sync.',
    '',
  ]
}

function wayIn({ web, admin, takenPort }: Started, terminal: Terminal): string[] {
  const notes = [
    ...(takenPort === null ? [] : [`port ${takenPort} is taken`]),
    ...(web.isOnAllAddresses ? ['on all other addresses of this machine as well'] : []),
    ...(web.hasPages ? [] : ['the API alone: the pages are not built, npm ci && npm run build:ui']),
  ]
  return [
    `  Web interface  ${terminal.style('bold', web.url)}${notes.length > 0 ? `  (${notes.join('; ')})` : ''}`,
    `  E-mail         ${admin.email}`,
    `  Password       ${admin.password}`,
  ]
}

function punchLine(view: AttendanceView): string {
  const time = view.local_time.slice(11)
  const person = printable(view.name ?? `user ${view.device_user_id}`)
  return `    ${time}  ${printable(view.device ?? '').padEnd(13)}  ${person.padEnd(18)}  ${view.punch_state_word.padEnd(3)}  ${view.verify_mode_word}`
}

function conclusion(proof: CountProof, terminal: Terminal): string[] {
  const counts = `${proof.made} punches made, ${proof.stored} stored`
  const besides = [
    ...(proof.quarantined > 0 ? [`    In quarantine, as no punch: ${proof.quarantined}.`] : []),
    ...(proof.notCounted.length > 0
      ? [`    Not counted, as not read: ${proof.notCounted.map(printable).join(', ')}.`]
      : []),
  ]
  if (isProven(proof)) return ['', terminal.style('green', `✓ ${counts}, each once.`), ...besides]
  return [
    '',
    terminal.style('red', `✗ ${counts}: ${proof.missing} are missing and ${proof.surplus} too many.`),
    '    If a device was without its cable just now, its last punches had no time to arrive.',
    ...besides,
  ]
}

function eventJson(event: DemoEvent): object[] {
  switch (event.event) {
    case 'demo.started':
      return [
        {
          event: event.event,
          interval_s: event.intervalMs / 1000,
          url: event.web.url,
          all_addresses: event.web.isOnAllAddresses,
          pages: event.web.hasPages,
          email: event.admin.email,
          password: event.admin.password,
          devices: event.devices.map(({ deviceId, ...rest }) => ({ device_id: deviceId, ...rest })),
        },
      ]
    case 'demo.cable':
      return [{ event: event.event, device: event.device, is_plugged_in: event.isPluggedIn }]
    case 'demo.stored':
      return event.views.map(view => ({ event: 'attendance.created', ...view }))
    case 'demo.finished': {
      const { made, stored, missing, surplus, quarantined, notCounted } = event.proof
      const besides = { quarantined, not_counted: notCounted }
      return [{ event: event.event, made, stored, missing, surplus, each_once: isProven(event.proof), ...besides }]
    }
    case 'store.unreachable':
    case 'store.reachable':
      return [storeEventJson(event)]
    case 'device.synced':
    case 'device.failed':
    case 'device.punched':
    case 'device.listening':
    case 'device.unheard':
    case 'device.missed':
    case 'device.waiting':
    case 'device.progress':
    case 'device.down':
    case 'device.up': {
      const json = syncEventJson(event)
      return json ? [json] : []
    }
    default:
      return event satisfies never
  }
}
