import type { Base } from '../base/base.ts'
import { ConfigError, RollcallError } from '../base/errors.ts'
import { type LayoutName, parseLayoutName } from '../codec/binary/attendance-record.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { FAULTS } from '../virtual/faults.ts'
import { listenVirtualDevice, type VirtualListener } from '../virtual/listen.ts'
import { parseFault } from '../virtual/parse-fault.ts'
import { punchStateWord, verifyModeWord } from './punch-words.ts'
import { type MadePunch, Puncher } from './puncher.ts'
import { zoneOffsetMinutes } from './zone-offset.ts'

/** As typed; what only the virtual device can check is checked here. */
export interface SimulateOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly transport: 'tcp' | 'udp' | 'both'
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
  | ({
      readonly event: 'punch.made'
      readonly records: number
      readonly words: { readonly state: string; readonly verifyMode: string }
    } & MadePunch)
  /** The log is full, or the device is disabled. */
  | { readonly event: 'punch.refused'; readonly records: number }

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
  await using listener = await listen(device, options)
  const { serialNumber, recordCount: records } = device
  parts.onEvent({
    event: 'device.listening',
    ...{ host, port: listener.port, transport, serialNumber, model: device.settings.model, layout },
    ...{ records, users: options.users, faults: device.faults.map(fault => fault.name) },
  })
  if (punchEveryMs === null) await untilAborted(signal)
  else await punchEvery(punchEveryMs, device, { ...parts, seed: options.seed }, signal)
  return { records: device.recordCount, connections: device.stats.connections }
}

async function punchEvery(
  everyMs: number,
  device: VirtualDevice,
  parts: { base: Pick<Base, 'clock'>; onEvent: (event: SimulateEvent) => void; seed: number },
  signal: AbortSignal,
): Promise<void> {
  const puncher = new Puncher(device, { seed: parts.seed, verifyModes: [1, 1, 1, 2, 15] })
  while (!signal.aborted) {
    await parts.base.clock.sleep(everyMs, signal).catch(() => {})
    if (signal.aborted) return
    parts.onEvent(punchEvent(puncher.punch(), device.recordCount))
  }
}

function punchEvent(made: MadePunch | null, records: number): SimulateEvent {
  if (!made) return { event: 'punch.refused', records }
  const { punchState, verifyMode } = made.punch
  const words = { state: punchStateWord(punchState), verifyMode: verifyModeWord(verifyMode) }
  return { event: 'punch.made', ...made, words, records }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function readLayout(text: string): LayoutName {
  const layout = parseLayoutName(text === '8' ? '8A' : text)
  if (layout) return layout
  throw new ConfigError('CONFIG_INVALID', `--layout must be 8, 16 or 40 (or 8A, 8B, 36, 49), not "${text}".`)
}

function readFault(text: string) {
  try {
    return parseFault(text)
  } catch (error) {
    if (error instanceof RollcallError)
      throw new ConfigError('CONFIG_INVALID', `--fault: ${error.message}`, { cause: error })
    throw error
  }
}

async function listen(device: VirtualDevice, options: SimulateOptions): Promise<VirtualListener> {
  const { host, port, transport } = options
  try {
    return await listenVirtualDevice(device, { host, port, transport })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EADDRINUSE') {
      throw new ConfigError('CONFIG_INVALID', `--port ${port} is in use: choose another, or 0 for any free one.`, {
        cause: error,
      })
    }
    if (code === 'EACCES')
      throw new ConfigError('CONFIG_INVALID', `--port ${port} is not allowed here.`, { cause: error })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new ConfigError('CONFIG_INVALID', `--listen ${host} is no address of this machine.`, { cause: error })
    }
    throw error
  }
}

/** Every fault by name, with what it does. */
export function listFaults(): Array<{ name: string; does: string }> {
  return Object.entries(FAULTS).map(([name, does]) => ({ name, does }))
}
