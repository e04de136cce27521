import type { Base } from '../base/base.ts'
import type { DeviceSettings } from '../model/device.ts'
import { VirtualDevice } from '../virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../virtual/listen.ts'
import type { VirtualDeviceOptions } from '../virtual/settings.ts'
import { Puncher } from './puncher.ts'
import { zoneOffsetMinutes } from './zone-offset.ts'

/** Somebody punches somewhere after a pause of at least and at most this. */
const PAUSE_MS_MIN = 400
const PAUSE_MS_MAX = 2_600
const PEOPLE_OF_A_DEVICE = 24

/** What the devices of the demo are: as different as those on real walls. */
const DEVICES: ReadonlyArray<{
  readonly name: string
  readonly kind: string
  readonly options: Omit<VirtualDeviceOptions, 'seed'>
  readonly listen: 'tcp' | 'udp' | 'both'
  /** Null: the zone of this machine. */
  readonly timezone: string | null
  readonly verifyModes: readonly number[]
  readonly records: number
}> = [
  {
    name: 'Main Entrance',
    kind: 'colour screen, TCP, records of 40 bytes, face and card',
    options: {},
    listen: 'tcp',
    timezone: null,
    verifyModes: [15, 15, 15, 2],
    records: 320,
  },
  {
    name: 'Back Door',
    kind: 'black-and-white, UDP, records of 16 bytes, finger',
    options: { profile: 'black-and-white', layout: '16' },
    listen: 'udp',
    timezone: null,
    verifyModes: [1],
    records: 140,
  },
  {
    name: 'Canteen',
    kind: 'colour screen, TCP, records of 49 bytes, a comm key, card',
    options: { layout: '49', commKey: 240_917 },
    listen: 'tcp',
    timezone: null,
    verifyModes: [2, 2, 0],
    records: 210,
  },
  {
    name: 'Warehouse',
    kind: 'black-and-white, UDP, 5 % of its packets lost, finger',
    options: { profile: 'black-and-white', layout: '16', faults: ['lost-packets'] },
    listen: 'udp',
    timezone: null,
    verifyModes: [1, 1, 0],
    records: 90,
  },
  {
    name: 'Manila Office',
    kind: 'colour screen, TCP, records of 40 bytes, its clock in Asia/Manila, face',
    options: {},
    listen: 'both',
    timezone: 'Asia/Manila',
    verifyModes: [15, 1],
    records: 160,
  },
]

/** One device of the fleet, and what a person sets to have it synced. */
export interface FleetDevice {
  readonly settings: DeviceSettings
  /** In words, for people who look on. */
  readonly kind: string
  readonly device: VirtualDevice
  readonly isPluggedIn: boolean
  unplug(): Promise<void>
  plugIn(): Promise<void>
}

/** Virtual devices on free ports of this machine, and the people who punch at them. */
export interface Fleet extends AsyncDisposable {
  readonly devices: readonly FleetDevice[]
  /** People punch, here and there, until the signal fires. */
  punch(signal: AbortSignal): Promise<void>
}

/** Switches the devices on. The log of each holds a few days already. */
export async function startFleet(base: Pick<Base, 'clock' | 'random'>): Promise<Fleet> {
  await using started = new AsyncDisposableStack()
  const devices: WalledDevice[] = []
  for (const model of DEVICES) {
    const timezone = model.timezone ?? Temporal.Now.timeZoneId()
    const seed = base.random.uint32()
    const device = new VirtualDevice(
      {
        ...model.options,
        seed,
        name: model.name,
        timezoneOffsetMinutes: zoneOffsetMinutes(timezone, base.clock.now()),
      },
      { clock: base.clock },
    )
    device.addPeople(PEOPLE_OF_A_DEVICE)
    device.fillLog(model.records)
    const listener = started.use(await listenVirtualDevice(device, { transport: model.listen }))
    const puncher = new Puncher(device, { seed, verifyModes: model.verifyModes })
    const settings: DeviceSettings = {
      name: model.name,
      host: '127.0.0.1',
      port: listener.port,
      transport: model.listen === 'both' ? 'auto' : model.listen,
      timezone,
      isActive: true,
      commKey: model.options.commKey ?? 0,
    }
    devices.push(new WalledDevice({ settings, kind: model.kind, device, listener, puncher }))
  }
  const sockets = started.move()
  return {
    devices,
    punch: async signal => {
      while (!signal.aborted) {
        await base.clock.sleep(base.random.int(PAUSE_MS_MIN, PAUSE_MS_MAX), signal).catch(() => {})
        if (!signal.aborted) base.random.pick(devices).punch()
      }
    },
    [Symbol.asyncDispose]: () => sockets.disposeAsync(),
  }
}

class WalledDevice implements FleetDevice {
  readonly settings: DeviceSettings
  readonly kind: string
  readonly device: VirtualDevice
  readonly #listener: VirtualListener
  readonly #puncher: Puncher
  #isPluggedIn = true

  constructor(parts: {
    settings: DeviceSettings
    kind: string
    device: VirtualDevice
    listener: VirtualListener
    puncher: Puncher
  }) {
    this.settings = parts.settings
    this.kind = parts.kind
    this.device = parts.device
    this.#listener = parts.listener
    this.#puncher = parts.puncher
  }

  get isPluggedIn(): boolean {
    return this.#isPluggedIn
  }

  /** The cable that is pulled is that of the network: people go on punching, and the device keeps it. */
  punch(): void {
    this.#puncher.punch()
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
