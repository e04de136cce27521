import type { Base } from '../base/base.ts'
import { asRollcallError, DeviceError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { DeviceDriver, DeviceTime, OpenDevice } from '../model/device-driver.ts'
import type { DeviceStore, Store } from '../model/store.ts'
import { ZoneTable } from './zone-table.ts'

/** A clock that is off by less is left alone: a request takes a moment, and the clock shows whole seconds. */
const SET_FROM_SECONDS = 5

export interface ContactParts {
  readonly store: Store
  readonly driver: DeviceDriver
  readonly base: Base
}

/** A conversation with a device that is known to be the right one. */
export interface Contact extends AsyncDisposable {
  readonly device: Device
  readonly open: OpenDevice
  readonly zone: ZoneTable
  /** How far its clock was ahead when it was last looked at, in seconds; null where it cannot be read. */
  readonly driftSeconds: number | null
  /** Bytes that came from the device since this was last asked. */
  takeBytes(): number
  /** Looks at the clock again. */
  lookAtClock(signal: AbortSignal): Promise<void>
}

/**
 * Opens a conversation, refuses a device that is another one than is expected, and looks at its clock.
 *
 * @throws what the driver throws; DeviceError `SERIAL_MISMATCH`, `DEVICE_TWICE`.
 */
export async function openContact(device: Device, parts: ContactParts, signal: AbortSignal): Promise<Contact> {
  const { store, driver } = parts
  const commKey = await store.devices.commKey(device.id)
  const open = await driver.open(device, commKey, signal)
  try {
    refuseStranger(device, open.serialNumber)
    await refuseTwin(device, open.serialNumber, store.devices)
    const contact = new OpenContact(device, open, parts)
    await contact.keepTime(open.time, signal)
    return contact
  } catch (error) {
    await open[Symbol.asyncDispose]()
    throw error
  }
}

class OpenContact implements Contact {
  readonly device: Device
  readonly open: OpenDevice
  readonly zone: ZoneTable
  readonly #parts: ContactParts
  #driftSeconds: number | null = null
  #bytesTaken = 0

  constructor(device: Device, open: OpenDevice, parts: ContactParts) {
    this.device = device
    this.open = open
    this.zone = new ZoneTable(device.timezone)
    this.#parts = parts
  }

  get driftSeconds(): number | null {
    return this.#driftSeconds
  }

  takeBytes(): number {
    const { bytesReceived } = this.open
    const bytes = bytesReceived - this.#bytesTaken
    this.#bytesTaken = bytesReceived
    return bytes
  }

  async lookAtClock(signal: AbortSignal): Promise<void> {
    await this.keepTime(await this.open.readTime(signal), signal)
  }

  /** Keeps what the clock shows, and sets it where a person asked for that. */
  async keepTime(time: DeviceTime | null, signal: AbortSignal): Promise<void> {
    const drift = await this.#keep(time, 'read')
    if (!this.device.setsClock || drift === null || Math.abs(drift) < SET_FROM_SECONDS) return
    const { log } = this.#parts.base
    try {
      await this.#keep(await this.open.setTime(this.#trueLocalTime(), signal), 'set')
      log.info(`Device ${this.device.name} - its clock was ${driftInWords(drift)} and was set`)
    } catch (error) {
      if (signal.aborted || this.#isOver(error)) throw error
      log.warn(`Device ${this.device.name} - its clock could not be set: ${asRollcallError(error).message}`)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.open[Symbol.asyncDispose]())
  }

  #trueLocalTime(): string {
    // To the nearest second: the device shows whole ones.
    return this.zone.localTimeAt(this.#parts.base.clock.now() + 500)
  }

  /** The device refused: the conversation goes on. Anything else ends it. */
  #isOver(error: unknown): boolean {
    return !(error instanceof DeviceError)
  }

  async #keep(time: DeviceTime | null, kind: 'read' | 'set'): Promise<number | null> {
    const drift = time === null ? null : driftSecondsOf(time, this.zone)
    this.#driftSeconds = drift
    if (time !== null && drift !== null) {
      const reading = { readAt: new Date(time.readAtMs), localTime: time.localTime, driftSeconds: drift, kind }
      await this.#parts.store.clocks.record(this.device.id, reading)
    }
    return drift
  }
}

/**
 * How far a clock runs ahead of the wall clock of its zone. Compared as wall clocks: in the hour that comes twice a year two
 * instants have one name, and one of them would be an hour off.
 */
export function driftSecondsOf(time: DeviceTime, zone: ZoneTable): number {
  const wallMs = (localTime: string) => Date.parse(`${localTime.replace(' ', 'T')}Z`)
  const trueMs = wallMs(zone.localTimeAt(time.readAtMs))
  return Math.round((wallMs(time.localTime) - trueMs) / 1000)
}

/** `37 s ahead`, `2 min 5 s behind`. */
function driftInWords(seconds: number): string {
  const size = Math.abs(seconds)
  const text = size < 60 ? `${size} s` : `${Math.floor(size / 60)} min ${size % 60} s`
  return `${text} ${seconds > 0 ? 'ahead' : 'behind'}`
}

function refuseStranger(device: Device, serialNumber: string | null): void {
  const { serialNumber: known } = device
  if (known === null || known === serialNumber) return
  const told = serialNumber === null ? 'a device that tells no serial number' : `serial number ${serialNumber}`
  throw new DeviceError(
    'SERIAL_MISMATCH',
    `${told} answers at ${device.host}:${device.port}, where serial number ${known} is expected`,
  )
}

/** Under two entries one device would be spoken to twice at a time, and each punch stored once for each of them. */
async function refuseTwin(device: Device, serialNumber: string | null, devices: DeviceStore): Promise<void> {
  if (serialNumber === null) return
  const others = await devices.list({ active: true, serialNumber })
  const twin = others.find(other => other.id < device.id)
  if (!twin) return
  throw new DeviceError(
    'DEVICE_TWICE',
    `serial number ${serialNumber} at ${device.host}:${device.port} is device ${twin.id} (${twin.name}) already`,
  )
}
