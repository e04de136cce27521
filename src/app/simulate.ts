import type { Base } from '../base/base.ts'
import { ConfigError, RollcallError } from '../base/errors.ts'
import { seededRandom } from '../base/random.ts'
import { type LayoutName, parseLayoutName } from '../codec/binary/attendance-record.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { FAULTS } from '../virtual/faults.ts'
import { isFaultName, parseFault } from '../virtual/parse-fault.ts'
import { schedulePunches } from '../virtual/puncher.ts'
import type { VirtualPunch } from '../virtual/record-draft.ts'
import { type ListenAt, listenAtOptions, untilAborted } from './device-listener.ts'
import { punchStateWord, verifyModeWord } from './punch-words.ts'
import { zoneOffsetMinutes } from './zone-offset.ts'

/** As typed; what only the virtual device can check is checked here. */
export interface SimulateOptions extends ListenAt {
  readonly commKey: number
  readonly records: number
  readonly users: number
  readonly layout: string
  readonly punchEveryMs: number | null
  readonly faults: readonly string[]
  readonly seed: number
}

export type SimulateEvent =
  | {
      readonly event: 'device.listening'
      readonly host: string
      readonly port: number
      readonly transport: 'tcp' | 'udp' | 'both'
      readonly serialNumber: string
      readonly model: string
      readonly layout: string
      readonly records: number
      readonly users: number
      readonly faults: readonly string[]
    }
  | {
      readonly event: 'punch.made'
      readonly name: string
      readonly punch: VirtualPunch
      readonly words: { readonly state: string; readonly verifyMode: string }
      readonly records: number
    }

/** What the device saw in its life. */
export interface SimulateSummary {
  readonly records: number
  readonly connections: number
}

/**
 * Runs one virtual device on real sockets until the signal fires. Its clock shows the time of this machine's zone.
 *
 * @throws ConfigError naming the option that cannot be used.
 */
export async function simulateDevice(
  options: SimulateOptions,
  parts: { base: Pick<Base, 'clock'>; onEvent: (event: SimulateEvent) => void },
  signal: AbortSignal,
): Promise<SimulateSummary> {
  const { clock } = parts.base
  const { host, transport, punchEveryMs } = options
  const layout = readLayout(options.layout)
  const device = new VirtualDevice(
    {
      seed: options.seed,
      // Small records come from black-and-white devices, whose user records are small as well.
      profile: layout === '16' || layout === '8A' || layout === '8B' ? 'black-and-white' : 'colour-screen',
      layout,
      commKey: options.commKey,
      faults: options.faults.map(readFault),
      timezoneOffsetMinutes: zoneOffsetMinutes(Temporal.Now.timeZoneId(), clock.now()),
    },
    { clock },
  )
  device.addPeople(options.users)
  device.fillLog(options.records)
  await using listener = await listenAtOptions(device, options)
  const { serialNumber, recordCount: records } = device
  parts.onEvent({
    event: 'device.listening',
    ...{ host, port: listener.port, transport, serialNumber, model: device.settings.model, layout },
    ...{ records, users: options.users, faults: device.faults.map(fault => fault.name) },
  })
  using _punching = punchEveryMs === null ? null : punchEvery(punchEveryMs, device, { ...parts, seed: options.seed })
  await untilAborted(signal)
  return { records: device.recordCount, connections: device.stats.connections }
}

function punchEvery(
  everyMs: number,
  device: VirtualDevice,
  parts: { base: Pick<Base, 'clock'>; onEvent: (event: SimulateEvent) => void; seed: number },
): Disposable {
  return schedulePunches({
    devices: [device],
    clock: parts.base.clock,
    random: seededRandom(parts.seed),
    everyMs,
    onPunch: ({ user, punch }) => {
      const words = { state: punchStateWord(punch.punchState), verifyMode: verifyModeWord(punch.verifyMode) }
      parts.onEvent({ event: 'punch.made', name: user.name, punch, words, records: device.recordCount })
    },
  })
}

function readLayout(text: string): LayoutName {
  const layout = parseLayoutName(text === '8' ? '8A' : text)
  if (layout) return layout
  throw new ConfigError('CONFIG_INVALID', `--layout must be 8, 16, 40 or another of --layout help, not "${text}".`)
}

function readFault(text: string) {
  try {
    return parseFault(text)
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error
    const isKnown = isFaultName(text.trim().split('=')[0] ?? '')
    // Nobody reads eighty names in one sentence.
    const message = isKnown
      ? error.message
      : `${error.message.replace(/: known are .*$/s, '.')} --fault help shows them all.`
    throw new ConfigError('CONFIG_INVALID', `--fault: ${message}`, { cause: error })
  }
}

/** Every fault by name, with what it does. */
export function listFaults(): Array<{ name: string; does: string }> {
  return Object.entries(FAULTS).map(([name, does]) => ({ name, does }))
}

/** Every layout by name, with what it is. */
export function listLayouts(): Array<{ name: string; is: string }> {
  return [
    { name: '8, 8A', is: '8 bytes: slot, verify mode, time, state' },
    { name: '8B', is: '8 bytes: slot, verify mode, state, time' },
    { name: '16', is: '16 bytes: user id as a number, of black-and-white devices' },
    { name: '36', is: '36 bytes: as 40 without its last four' },
    { name: '40', is: '40 bytes: user id as text, of devices with a colour screen' },
    { name: '49', is: '49 bytes: as 40, and nine more' },
    { name: '40+n', is: 'as 40, and n more, such as 40+12' },
  ]
}
