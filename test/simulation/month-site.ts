import type { Random } from '../../src/base/random.ts'
import type { LayoutName } from '../../src/codec/binary/attendance-record.ts'
import type { Device } from '../../src/model/device.ts'
import { ZoneTable } from '../../src/sync/zone-table.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { FAULT_GROUPS, FAULTS, type FaultName } from '../../src/virtual/faults.ts'
import type { Attachment } from '../../src/virtual/network.ts'
import type { EventBytes, VirtualDeviceOptions, WhenFull } from '../../src/virtual/settings.ts'
import { Ledger } from './month-ledger.ts'
import type { World } from './world.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Mean pause between two punches at an hour of the day of the device: rush hours, a working day, a quiet night. */
const PAUSE_MS = { rush: 12 * MINUTE_MS, day: 50 * MINUTE_MS, night: 5 * HOUR_MS }
const RUSH_HOURS: ReadonlySet<number> = new Set([7, 8, 12, 16, 17])

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '40', '49', '40+12']
const TEXT_EVENTS: readonly EventBytes[] = [32, 36, 36, 37, 52, 10, 12]
const NUMBER_EVENTS: readonly EventBytes[] = [12, 12, 12, 10, 36]
/** 0: what the model has, which nobody fills in a month. */
const CAPACITIES = [0, 0, 60, 150, 400] as const
const WHEN_FULL: readonly WhenFull[] = ['refuse', 'delete-oldest', 'loop']
const VERIFY_MODES = [0, 1, 1, 2, 3, 4, 15] as const

const ALL_FAULTS = Object.keys(FAULTS) as FaultName[]
const RECORD_FAULTS: ReadonlySet<string> = new Set(Object.keys(FAULT_GROUPS.records))

const BLINDING_FAULTS: ReadonlySet<string> = new Set(['sizes-zero-count', 'sizes-4-bytes', 'sizes-4-bytes-blind'])
const LAST_READ_FAULTS: ReadonlySet<string> = new Set([
  'no-buffered-read',
  'buffered-read-error',
  'direct-read-wrong-memory',
])

/**
 * While these last, each look at the device makes a punch. Where its events leave a question, Rollcall looks after each of
 * them, and both would go on for ever.
 */
const FAULTS_THAT_PUNCH: ReadonlySet<string> = new Set(Object.keys(FAULT_GROUPS['changes while reading']))
const PUNCHING_FAULT_MS = 20 * SECOND_MS

/** A log to be refilled after a person cleared it: up to this size, so that it takes minutes. */
const REFILLED_MAX = 120

/** One device, its people, and the misfortunes of its place. */
export class Site {
  readonly entry: Device
  readonly device: VirtualDevice
  readonly ledger: Ledger
  readonly zone: ZoneTable
  /** Whether a run has ended well, so that Rollcall knows who the device is. */
  isKnown = false
  /** When records of it were last read. */
  recordsReadAtMs = Number.NEGATIVE_INFINITY
  readonly #world: World
  readonly #random: Random
  readonly #attachment: Attachment
  /** How busy the place is, against {@link PAUSE_MS}. */
  readonly #bustle: number
  #shownOffsetMs: number
  #punching: Disposable | null = null
  #refill = 0
  #isOver = false

  constructor(parts: {
    world: World
    random: Random
    entry: Device
    device: VirtualDevice
    attachment: Attachment
  }) {
    const { world, random, entry, device, attachment } = parts
    this.#world = world
    this.#random = random
    this.#attachment = attachment
    this.entry = entry
    this.device = device
    this.zone = new ZoneTable(entry.timezone)
    this.ledger = new Ledger(device, {
      clock: world.clock,
      driftSeconds: () => Math.round((device.time.localMs() - this.#trueLocalMs()) / SECOND_MS),
    })
    this.#bustle = 0.3 + random.float()
    this.#shownOffsetMs = this.#offsetMs()
  }

  get events(): EventBytes {
    return this.device.settings.eventBytes
  }

  /** People come and go, and things go wrong about every `mishapEveryMs`, until {@link heal}. */
  begin(mishapEveryMs: number): void {
    this.#punchLater()
    this.#mishapLater(mishapEveryMs)
    this.#watchSummerTime()
  }

  /** `count` more punches, and as many misfortunes as told, in the coming `ms`. */
  crowd(options: { withinMs: number; punches: number; mishaps: number }): void {
    const soon = () => this.#random.float() * options.withinMs
    for (let i = 0; i < options.punches; i++) this.#after(soon(), () => this.#somebodyPunches())
    for (let i = 0; i < options.mishaps; i++) this.#after(soon(), () => this.#mishap(options.withinMs / 2))
    if (this.#random.chance(0.5)) this.#after(soon(), () => this.#tellAndForget())
  }

  /** Everything works again from now on; nothing goes wrong any more. */
  heal(): void {
    this.#isOver = true
    this.#punching?.[Symbol.dispose]()
    this.device.clearFaults()
    this.#attachment.plugIn()
    this.#setRight()
  }

  punch(): void {
    const { users } = this.device
    const userId = this.#random.pick(users.list()).userId
    const punchState = this.#random.int(0, 5)
    this.device.punch({ userId, punchState, verifyMode: this.#random.pick(VERIFY_MODES) })
  }

  #somebodyPunches(): void {
    this.punch()
    // Two people in one second, or one who is not sure that it worked.
    if (this.#random.chance(0.15)) for (let more = this.#random.int(1, 4); more > 0; more--) this.punch()
  }

  /** Punches that are told and then gone from the log, while the line breaks: what was told is all that remains of them. */
  #tellAndForget(): void {
    const soon = () => this.#random.float() * 300
    for (let punches = this.#random.int(1, 4); punches > 0; punches--) this.#after(soon(), () => this.punch())
    this.#after(soon(), () => this.device.clearLog())
    if (this.#random.chance(0.5)) this.#after(soon(), () => this.#world.network.cutConnections(this.device))
  }

  #punchLater(): void {
    const pauseMs = this.#refill > 0 ? this.#random.int(1, 8) * SECOND_MS : this.#pauseMs()
    this.#punching = this.#after(pauseMs, () => {
      if (this.#refill > 0) this.#refill--
      this.#somebodyPunches()
      this.#punchLater()
    })
  }

  #pauseMs(): number {
    const hour = new Date(this.device.time.soundMs()).getUTCHours()
    const kind = RUSH_HOURS.has(hour) ? 'rush' : hour < 6 || hour > 20 ? 'night' : 'day'
    return (-Math.log(1 - this.#random.float()) * PAUSE_MS[kind]) / this.#bustle
  }

  #mishapLater(everyMs: number): void {
    this.#after((0.2 + 1.6 * this.#random.float()) * everyMs, () => {
      this.#mishap(everyMs)
      this.#mishapLater(everyMs)
    })
  }

  /** @param scaleMs about how long it lasts, if it lasts. */
  #mishap(scaleMs: number): void {
    const { device } = this
    const random = this.#random
    const lastsMs = scaleMs * random.float()
    const dice = random.int(1, 100)
    if (dice <= 10) device.powerCycle()
    else if (dice <= 16) this.#unplug({ forMs: lastsMs, powerless: true })
    else if (dice <= 28) this.#unplug({ forMs: lastsMs, powerless: false })
    else if (dice <= 40) this.#world.network.cutConnections(device)
    else if (dice <= 52) this.#jumpClock()
    else if (dice <= 57) device.clearLog()
    else if (dice <= 62) this.#clearAndRefill()
    else this.#switchFault(lastsMs)
  }

  #unplug({ forMs, powerless }: { forMs: number; powerless: boolean }): void {
    this.#attachment.unplug()
    if (powerless) this.device.powerCycle()
    this.#after(forMs, () => this.#attachment.plugIn())
  }

  /** Some seconds, an hour, across days, or a wrong month; and back again some time later, or not. */
  #jumpClock(): void {
    if (this.#isBeforeTime()) return
    const random = this.#random
    const size = random.pick([90 * SECOND_MS, HOUR_MS, 40 * HOUR_MS, 40 * HOUR_MS, 45 * 24 * HOUR_MS])
    this.device.shiftClock((random.float() * 2 - 1) * size)
    if (random.chance(0.7)) this.#after(random.float() * 20 * HOUR_MS, () => this.#setRight())
  }

  #setRight(): void {
    if (this.#isBeforeTime()) return
    this.device.shiftClock(this.#trueLocalMs() - this.device.time.soundMs())
    this.#shownOffsetMs = this.#offsetMs()
  }

  /** A clock that fell back to the first day it can show cannot be set back. */
  #isBeforeTime(): boolean {
    return this.device.faults.some(fault => fault.name === 'clock-reset-2000')
  }

  #clearAndRefill(): void {
    const count = this.device.recordCount
    this.device.clearLog()
    if (count <= REFILLED_MAX) this.#refill = this.#random.chance(0.5) ? count : count + this.#random.int(0, 30)
    this.#punching?.[Symbol.dispose]()
    this.#punchLater()
  }

  #switchFault(lastsMs: number): void {
    const fault = this.#random.pick(ALL_FAULTS)
    const { device } = this
    if (!this.#mayHave(fault)) return
    device.setFault(fault, 'on')
    const forMs = FAULTS_THAT_PUNCH.has(fault) ? PUNCHING_FAULT_MS : lastsMs
    this.#after(forMs, () => device.setFault(fault, 'off'))
  }

  #mayHave(fault: FaultName): boolean {
    // At first contact nobody can know that a device lies about who it is.
    if (fault === 'wrong-serial') return this.isKnown
    // Records of 8 bytes name a slot alone. Whose it was is told by the clock of the device, and that jumps here
    // (docs/decisions/slots.md; test/simulation/faults.test.ts has the fault with a clock that is right).
    if (fault === 'slot-reused') return !this.device.settings.layout.startsWith('8')
    // A circle that tells neither its count nor its capacity looks the same after it went round: until the daily comparison,
    // nothing on the wire tells that a tail is not all that is new.
    if (BLINDING_FAULTS.has(fault)) return this.device.settings.whenFull !== 'loop'
    // Where only the direct read is left and brings the wrong memory, bytes may look like records by chance.
    if (LAST_READ_FAULTS.has(fault)) return !this.device.faults.some(other => LAST_READ_FAULTS.has(other.name))
    // Two at once put more faulty records into a log than are believed; each is meant to be rare.
    return !RECORD_FAULTS.has(fault) || !this.device.faults.some(other => RECORD_FAULTS.has(other.name))
  }

  /** Somebody sets the clock of the device when summer time begins or ends: at once, hours later, or never. */
  #watchSummerTime(): void {
    this.#after(HOUR_MS, () => {
      const change = this.#offsetMs() - this.#shownOffsetMs
      if (change !== 0) {
        this.#shownOffsetMs += change
        const delayMs = this.#random.pick([0, 0, 12 * HOUR_MS, null])
        if (delayMs !== null) this.#after(this.#random.float() * delayMs, () => this.device.shiftClock(change))
      }
      this.#watchSummerTime()
    })
  }

  #offsetMs(): number {
    return this.#trueLocalMs() - Math.floor(this.#world.clock.now() / SECOND_MS) * SECOND_MS
  }

  #trueLocalMs(): number {
    return Date.parse(`${this.zone.localTimeAt(this.#world.clock.now()).replace(' ', 'T')}Z`)
  }

  #after(ms: number, act: () => void): Disposable {
    return this.#world.clock.after(ms, () => {
      if (!this.#isOver) act()
    })
  }
}

/** A device of some kind, in a zone, with people and perhaps a log already. */
export async function openSite(
  world: World,
  options: { random: Random; host: string; timezone: string },
): Promise<Site> {
  const { random, host, timezone } = options
  const layout = random.pick(LAYOUTS)
  const isOld = layout === '16' || layout.startsWith('8')
  const transports = isOld ? 'udp' : random.pick(['tcp', 'tcp', 'udp', 'both'] as const)
  const eventBytes = random.pick(isOld ? NUMBER_EVENTS : TEXT_EVENTS)
  const capacity = random.pick(CAPACITIES)
  const settings: VirtualDeviceOptions = {
    seed: random.uint32(),
    profile: isOld ? 'black-and-white' : 'colour-screen',
    layout,
    eventBytes,
    packetBytes: random.pick([1008, 65_528]),
    inlineBytes: random.pick([64, 1024]),
    commKey: random.pick([0, 0, 4711]),
    whenFull: random.pick(WHEN_FULL),
    clockOffsetMs: random.pick([0, 0, random.int(-90, 90) * SECOND_MS]),
    timezoneOffsetMinutes: offsetMinutes(timezone, world.clock.now()),
    faults: random.chance(0.4) ? ['events-cached'] : [],
    ...(capacity > 0 ? { capacity } : {}),
  }
  const { device, attachment } = world.attachPluggable({ ...settings, host, transports })
  device.addPeople(random.int(4, 40))
  if (!isOld && eventBytes !== 12) device.addUser({ userId: '0042', name: 'Zero' })
  const store = await world.store()
  const entry = await store.devices.add({
    name: host,
    host,
    port: 4370,
    transport: random.pick(['auto', transports === 'both' ? 'tcp' : transports]),
    timezone,
    isActive: true,
    isLive: false,
    setsClock: random.chance(0.25),
    commKey: settings.commKey ?? 0,
  })
  return new Site({ world, random, entry, device, attachment })
}

function offsetMinutes(timezone: string, nowMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone).offsetNanoseconds / 60e9
}
