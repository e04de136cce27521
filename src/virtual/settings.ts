import type { LayoutName } from '../codec/binary/attendance-record.ts'
import type { FaultName, FaultSetting } from './faults.ts'

export type ProfileName = 'colour-screen' | 'black-and-white'

/** What a device does with a punch when its log is full. */
export type WhenFull = 'refuse' | 'delete-oldest' | 'loop'

export type EventBytes = 10 | 12 | 14 | 32 | 36 | 37 | 52

export type Transports = 'tcp' | 'udp' | 'both'

/** What may be said of a virtual device. Everything but the seed has a default, most of them from the profile. */
export interface VirtualDeviceOptions {
  /** One seed gives one device: the same serial number, people, punches and misfortunes. */
  readonly seed: number
  readonly profile?: ProfileName | undefined
  /** What people call it. Not told on the wire. */
  readonly name?: string | undefined
  readonly serialNumber?: string | undefined
  readonly model?: string | undefined
  readonly firmware?: string | undefined
  readonly platform?: string | undefined
  readonly commKey?: number | undefined
  readonly layout?: LayoutName | undefined
  readonly userLayout?: 28 | 72 | undefined
  readonly sizesBytes?: 4 | 80 | 92 | 112 | undefined
  /** Data bytes of one `CMD_DATA` over TCP. Over UDP it is never more than 1024. */
  readonly packetBytes?: number | undefined
  /** Results up to this many bytes are sent inline, slices up to this many in one packet. */
  readonly inlineBytes?: number | undefined
  readonly eventBytes?: EventBytes | undefined
  /** The attendance records that fit into the log. */
  readonly capacity?: number | undefined
  readonly whenFull?: WhenFull | undefined
  readonly faults?: ReadonlyArray<FaultName | FaultSetting> | undefined
  /** How far the clock of the device is ahead of the true local time. */
  readonly clockOffsetMs?: number | undefined
  readonly timezoneOffsetMinutes?: number | undefined
  /** The pause before each packet of a transfer after the first. Old units make one of about 20 ms. */
  readonly packetPauseMs?: number | undefined
}

/** The options with every default filled in. */
export interface Settings {
  readonly seed: number
  readonly profile: ProfileName
  readonly transports: Transports
  readonly name: string
  readonly serialNumber: string
  readonly model: string
  readonly firmware: string
  readonly platform: string
  readonly commKey: number
  readonly layout: LayoutName
  readonly userLayout: 28 | 72
  readonly sizesBytes: 4 | 80 | 92 | 112
  readonly packetBytes: number
  readonly inlineBytes: number
  readonly eventBytes: EventBytes
  readonly capacity: number
  readonly userCapacity: number
  readonly whenFull: WhenFull
  readonly clockOffsetMs: number
  readonly timezoneOffsetMinutes: number
  readonly packetPauseMs: number
}

/** Users and records as on the two families of devices that are in the field. */
const PROFILES = {
  'colour-screen': {
    transports: 'both',
    model: 'Virtual C-200',
    firmware: 'Ver 6.60 Apr 26 2016',
    platform: 'ZMM220_TFT',
    layout: '40',
    userLayout: 72,
    sizesBytes: 92,
    packetBytes: 65_528,
    eventBytes: 36,
    capacity: 500_000,
    userCapacity: 10_000,
  },
  'black-and-white': {
    transports: 'udp',
    model: 'Virtual B-100',
    firmware: 'Ver 6.21 Sep 14 2010',
    platform: 'ZEM560',
    layout: '16',
    userLayout: 28,
    sizesBytes: 80,
    packetBytes: 1024,
    eventBytes: 12,
    capacity: 100_000,
    userCapacity: 3_000,
  },
} as const

/** The largest data of one datagram: devices read and write datagrams of 1032 bytes, header included. */
export const UDP_DATA_BYTES_MAX = 1024

const INLINE_BYTES = 1024

export function resolveSettings(options: VirtualDeviceOptions): Settings {
  const profile = options.profile ?? 'colour-screen'
  const usual = PROFILES[profile]
  const serialNumber = options.serialNumber ?? serialFromSeed(options.seed)
  const model = options.model ?? usual.model
  return {
    seed: options.seed,
    profile,
    transports: usual.transports,
    name: options.name ?? `${model} ${serialNumber}`,
    serialNumber,
    model,
    firmware: options.firmware ?? usual.firmware,
    platform: options.platform ?? usual.platform,
    commKey: options.commKey ?? 0,
    layout: options.layout ?? usual.layout,
    userLayout: options.userLayout ?? usual.userLayout,
    sizesBytes: options.sizesBytes ?? usual.sizesBytes,
    packetBytes: options.packetBytes ?? usual.packetBytes,
    inlineBytes: options.inlineBytes ?? INLINE_BYTES,
    eventBytes: options.eventBytes ?? usual.eventBytes,
    capacity: options.capacity ?? usual.capacity,
    userCapacity: usual.userCapacity,
    whenFull: options.whenFull ?? 'refuse',
    clockOffsetMs: options.clockOffsetMs ?? 0,
    timezoneOffsetMinutes: options.timezoneOffsetMinutes ?? 0,
    packetPauseMs: options.packetPauseMs ?? 0,
  }
}

/** Serial numbers of real devices are letters and digits; the first letters keep these apart from any of them. */
function serialFromSeed(seed: number): string {
  const digits = Math.abs(Math.trunc(seed)) % 10_000_000_000
  return `VIRT${String(digits).padStart(10, '0')}`
}
