/** How a device is spoken to. `auto` tries TCP, then UDP, and remembers what worked. */
export type TransportSetting = 'auto' | 'tcp' | 'udp'
/** What a conversation really ran over. */
export type Transport = 'tcp' | 'udp'

/** A biometric device as it stands in the database. Its comm key is a secret and is read apart, see `DeviceStore.commKey`. */
export interface Device {
  readonly id: number
  readonly name: string
  readonly host: string
  readonly port: number
  readonly transport: TransportSetting
  /** The transport that last worked; tried first when `transport` is `auto`. */
  readonly provenTransport: Transport | null
  /** IANA name of the zone its clock runs in, such as `Europe/Berlin`. */
  readonly timezone: string
  /** Words of people, to find it among others by: in alphabetical order, none twice. */
  readonly tags: readonly string[]
  readonly isActive: boolean
  /** The wish that its punches be heard as they happen; whether it is met stands in `liveState`. */
  readonly isLive: boolean
  /** The wish that its clock be set where it is wrong. */
  readonly setsClock: boolean
  /** What became of the wish for live; null before it was first tried, and where there is no such wish. */
  readonly liveState: LiveState | null
  /** The identity of the device; null until first contact, or where the firmware does not tell. */
  readonly serialNumber: string | null
  readonly model: string | null
  readonly firmware: string | null
  /** How many records it holds, and how many fit in the unit of its firmware; null where it did not tell. */
  readonly recordsOnDevice: number | null
  readonly logCapacity: number | null
  readonly hasCommKey: boolean
  /** When a run last ended well. */
  readonly lastSyncedAt: Date | null
  /** The sentence of the last failure; null once a run has ended well. */
  readonly lastError: string | null
  /** When its list of people was last read, by any process; null: never. */
  readonly peopleReadAt: Date | null
  readonly createdAt: Date
  /** When a person last changed its settings; contacts with the device do not count. */
  readonly updatedAt: Date
}

/** In one word how a device is. */
export function deviceStatus(
  device: Pick<Device, 'isActive' | 'lastError' | 'lastSyncedAt'>,
): 'disabled' | 'failing' | 'new' | 'ok' {
  if (!device.isActive) return 'disabled'
  if (device.lastError !== null) return 'failing'
  return device.lastSyncedAt === null ? 'new' : 'ok'
}

/** `listening`: events come. `unsupported`: the firmware refuses to send them, so the device is polled. `down`: to be reached again. */
export type LiveState = 'listening' | 'unsupported' | 'down'

/** What a person sets. */
export interface DeviceSettings {
  name: string
  host: string
  port: number
  transport: TransportSetting
  timezone: string
  /** All of them, as `checkTags` passes them; none unless told. */
  tags?: readonly string[]
  isActive: boolean
  isLive: boolean
  setsClock: boolean
  /** A whole number, 0 to 4294967295; 0 is "no comm key". Sealed before it is stored. */
  commKey: number
}

/** What the device says of itself at a contact. A field that the firmware does not tell is null. */
export interface DeviceIdentity {
  readonly serialNumber: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly platform: string | null
  readonly transport: Transport
}

/** One look at the clock of a device. */
export interface ClockReading {
  readonly readAt: Date
  /** What the device showed, `YYYY-MM-DD HH:MM:SS`. */
  readonly localTime: string
  /** How many whole seconds it ran ahead of the true time in its zone; negative: behind. */
  readonly driftSeconds: number
  /** `set`: Rollcall set it then, and read it back. */
  readonly kind: 'read' | 'set'
}

/** One person as a device knows them, under the slot (`uid`) that the device gave. */
export interface Person {
  readonly uid: number
  readonly userId: string
  readonly name: string
}

/**
 * A person and the span in which a device was seen to hold them in that slot, in the local time of the device. Slots are
 * reused, so a record that carries only a slot is somebody's punch only inside such a span.
 */
export interface PersonSpan extends Person {
  readonly firstSeenLocal: string
  readonly lastSeenLocal: string
}
