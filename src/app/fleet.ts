import type { Base } from '../base/base.ts'
import { seededRandom } from '../base/random.ts'
import type { DeviceSettings } from '../model/device.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../virtual/listen.ts'
import { inventPeople } from '../virtual/people.ts'
import { schedulePunches } from '../virtual/puncher.ts'
import type { VirtualDeviceOptions } from '../virtual/settings.ts'
import { zoneOffsetMinutes } from './zone-offset.ts'

/** Somebody punches somewhere this often, give or take a half: quick enough to watch, slow enough to read. */
const PUNCH_EVERY_MS = 1_500
const PEOPLE_OF_A_DEVICE = 24

/**
 * What a device is there for. People punch at those that work; one refuses whoever asks, since its comm key is another one than was
 * set, and one is paused.
 */
export type FleetPart = 'works' | 'refuses' | 'paused'

/** What the devices of the demo are: as different as those on real walls. */
const DEVICES: ReadonlyArray<{
  readonly name: string
  readonly kind: string
  readonly options: Omit<VirtualDeviceOptions, 'seed'>
  readonly listen: 'tcp' | 'udp' | 'both'
  /** Null: the zone of this machine. */
  readonly timezone: string | null
  /** Whether it is listened to; the others are polled. */
  readonly isLive: boolean
  readonly records: number
  /** What a person sets in place of the comm key of the device. */
  readonly commKeySet?: number
  /** A record in its log that cannot be a punch. */
  readonly hasImpossibleDate?: true
  /** `works`, where it is left out. */
  readonly part?: FleetPart
}> = [
  {
    name: 'Main Entrance',
    kind: 'colour screen, TCP, records of 40 bytes, live',
    options: {},
    listen: 'tcp',
    timezone: null,
    isLive: true,
    records: 320,
  },
  {
    name: 'Back Door',
    kind: 'black-and-white, UDP, records of 16 bytes, one of them with a date that cannot be',
    options: { profile: 'black-and-white', layout: '16' },
    listen: 'udp',
    timezone: null,
    isLive: false,
    records: 140,
    hasImpossibleDate: true,
  },
  {
    name: 'Canteen',
    kind: 'colour screen, TCP, records of 49 bytes, a comm key, live',
    options: { layout: '49', commKey: 240_917 },
    listen: 'tcp',
    timezone: null,
    isLive: true,
    records: 210,
  },
  {
    name: 'Warehouse',
    kind: 'black-and-white, UDP, 5 % of its packets lost',
    options: { profile: 'black-and-white', layout: '16', faults: ['lost-packets'] },
    listen: 'udp',
    timezone: null,
    isLive: false,
    records: 90,
  },
  {
    name: 'Manila Office',
    kind: 'colour screen, TCP, records of 40 bytes, its clock in Asia/Manila',
    options: {},
    listen: 'both',
    timezone: 'Asia/Manila',
    isLive: false,
    records: 160,
  },
  {
    name: 'Loading Dock',
    kind: 'colour screen, TCP, refuses the comm key 1234: set it to 7351',
    options: { commKey: 7_351 },
    listen: 'tcp',
    timezone: null,
    isLive: false,
    records: 45,
    commKeySet: 1_234,
    part: 'refuses',
  },
  {
    name: 'Old Gate',
    kind: 'black-and-white, UDP, paused: enable it and its log comes',
    options: { profile: 'black-and-white', layout: '16' },
    listen: 'udp',
    timezone: null,
    isLive: false,
    records: 60,
    part: 'paused',
  },
]

/** One device of the fleet, and what a person sets to have it synced. */
export interface FleetDevice {
  readonly settings: DeviceSettings
  /** In words, for people who look on. */
  readonly kind: string
  readonly part: FleetPart
  readonly device: VirtualDevice
  /** Its network cable: people go on punching at a device that has lost it, and the device keeps what they punch. */
  readonly isPluggedIn: boolean
  unplug(): Promise<void>
  plugIn(): Promise<void>
}

/** Virtual devices on free ports of this machine, and the people who punch at them. */
export interface Fleet extends AsyncDisposable {
  readonly devices: readonly FleetDevice[]
  /** People begin to punch, here and there, until it is disposed of. */
  punch(): Disposable
  /** Every cable is put back and every fault ends, so that what the devices still hold can be fetched at once. */
  comeToRest(): Promise<void>
}

/** Switches the devices on. The log of each holds a few days already. */
export async function startFleet(base: Pick<Base, 'clock' | 'random'>): Promise<Fleet> {
  await using started = new AsyncDisposableStack()
  const devices: WalledDevice[] = []
  for (const model of DEVICES) {
    const timezone = model.timezone ?? Temporal.Now.timeZoneId()
    const device = makeDevice(model, { timezone, ...base })
    const listener = started.use(await listenVirtualDevice(device, { transport: model.listen }))
    const part = model.part ?? 'works'
    const settings: DeviceSettings = {
      name: model.name,
      host: '127.0.0.1',
      port: listener.port,
      transport: model.listen === 'both' ? 'auto' : model.listen,
      timezone,
      isActive: part !== 'paused',
      isLive: model.isLive,
      setsClock: false,
      commKey: model.commKeySet ?? model.options.commKey ?? 0,
    }
    devices.push(new WalledDevice({ settings, kind: model.kind, part, device, listener }))
  }
  const sockets = started.move()
  const working = devices.filter(({ part }) => part === 'works').map(({ device }) => device)
  return {
    devices,
    punch: () => schedulePunches({ devices: working, ...base, everyMs: PUNCH_EVERY_MS }),
    comeToRest: async () => {
      for (const { device } of devices) device.clearFaults()
      await Promise.all(devices.map(device => device.plugIn()))
    },
    [Symbol.asyncDispose]: () => sockets.disposeAsync(),
  }
}

function makeDevice(
  model: (typeof DEVICES)[number],
  { clock, random, timezone }: Pick<Base, 'clock' | 'random'> & { timezone: string },
): VirtualDevice {
  const seed = random.uint32()
  const timezoneOffsetMinutes = zoneOffsetMinutes(timezone, clock.now())
  const device = new VirtualDevice({ ...model.options, seed, name: model.name, timezoneOffsetMinutes }, { clock })
  enroll(device, seed)
  if (model.hasImpossibleDate) {
    device.setFault({ name: 'impossible-dates', value: 1 }, 'on')
    device.fillLog(1)
    device.setFault('impossible-dates', 'off')
  }
  device.fillLog(model.records)
  return device
}

/** Small devices have eight letters for a name, so that they know people by their given names. */
function enroll(device: VirtualDevice, seed: number): void {
  const people = inventPeople({ count: PEOPLE_OF_A_DEVICE, firstUserId: 1, random: seededRandom(seed) })
  const isSmall = device.settings.userLayout === 28
  for (const { userId, name } of people) device.addUser({ userId, name: isSmall ? (name.split(' ')[0] ?? name) : name })
}

class WalledDevice implements FleetDevice {
  readonly settings: DeviceSettings
  readonly kind: string
  readonly part: FleetPart
  readonly device: VirtualDevice
  readonly #listener: VirtualListener
  #isPluggedIn = true

  constructor(parts: {
    settings: DeviceSettings
    kind: string
    part: FleetPart
    device: VirtualDevice
    listener: VirtualListener
  }) {
    this.settings = parts.settings
    this.kind = parts.kind
    this.part = parts.part
    this.device = parts.device
    this.#listener = parts.listener
  }

  get isPluggedIn(): boolean {
    return this.#isPluggedIn
  }

  async unplug(): Promise<void> {
    this.#isPluggedIn = false
    await this.#listener.unplug()
  }

  async plugIn(): Promise<void> {
    this.#isPluggedIn = true
    await this.#listener.plugIn()
  }
}
