import type { Clock } from '../base/clock.ts'
import { type Random, seededRandom } from '../base/random.ts'
import { carriesOnlyUid } from '../codec/binary/attendance-record.ts'
import { type LocalTime, packedTimeFault, parseLocalTime } from '../codec/binary/packed-time.ts'
import type { Behaviour } from './behaviour.ts'
import { factoryOptions } from './commands/option-commands.ts'
import { DeviceClock, msFromLocalTime, packedFromMs } from './device-clock.ts'
import { attendanceEventData } from './events.ts'
import type { DeviceInside, PunchInput } from './exchange.ts'
import type { FaultName, FaultSetting } from './faults.ts'
import { fillTimes } from './fill.ts'
import { countSizes } from './free-sizes.ts'
import { AttendanceMemory } from './log.ts'
import { Peer } from './peer.ts'
import { inventPeople } from './people.ts'
import type { RecordDraft, VirtualPunch } from './record-draft.ts'
import { resolveSettings, type Settings, type VirtualDeviceOptions } from './settings.ts'
import { DeviceStats } from './stats.ts'
import { Switchboard, seedFor } from './switchboard.ts'
import { type NewUser, UserTable, type VirtualUser } from './users.ts'

/** UDP has no end of a connection, so the device forgets the oldest address that has no session beyond this many. */
const UDP_PEERS_MAX = 256

/** As most people punch: with a finger, without pressing a key for the state. */
const USUAL_PUNCH = { verifyMode: 1, punchState: 0, workCode: 0 }

/** People that a device gets when its log is filled before anybody was enrolled. */
const PEOPLE_OF_A_FILLED_LOG = 40

/**
 * A ZKTeco device that exists in memory alone: own clock, users, log, options, sessions and faults, written from the
 * protocol notes. {@link connect} gives one {@link Peer} for each client; `listen.ts` and `network.ts` carry its packets.
 */
export class VirtualDevice implements DeviceInside {
  readonly settings: Settings
  readonly clock: Clock
  readonly time: DeviceClock
  readonly stats = new DeviceStats()
  readonly users: UserTable
  readonly log: AttendanceMemory
  readonly options: Map<string, string>
  downloadMarker = 0
  readonly #random: Random
  readonly #switchboard: Switchboard
  readonly #peers = new Map<string, Peer>()
  #lastSessionId = 0
  #isDisabled = false
  #disabledUntilMs = Number.POSITIVE_INFINITY

  constructor(options: VirtualDeviceOptions, parts: { clock: Clock; random?: Random | undefined }) {
    this.settings = resolveSettings(options)
    const { settings } = this
    this.clock = parts.clock
    this.#random = parts.random ?? seededRandom(seedFor(settings.seed, 'device'))
    this.time = new DeviceClock({
      clock: parts.clock,
      aheadMs: settings.clockOffsetMs + settings.timezoneOffsetMinutes * 60_000,
      show: localMs => this.behaviours.reduce((ms, behaviour) => behaviour.showTime?.(ms) ?? ms, localMs),
    })
    const idsAreNumbers = settings.userLayout === 28 || settings.layout === '16'
    this.users = new UserTable({ layout: settings.userLayout, idsAreNumbers })
    this.log = new AttendanceMemory(settings)
    this.options = factoryOptions(settings)
    this.#switchboard = new Switchboard(this)
    for (const fault of options.faults ?? []) this.#switchboard.on(fault)
  }

  get serialNumber(): string {
    return this.settings.serialNumber
  }

  get name(): string {
    return this.settings.name
  }

  get recordCount(): number {
    return this.log.count
  }

  /** What stands in the log, as a truthful reader must find it, in the order of the bytes. Made anew at each call. */
  get punches(): readonly VirtualPunch[] {
    return this.log.punches()
  }

  /** What stood in the log once, and was cleared, deleted or overwritten. */
  get departedPunches(): readonly VirtualPunch[] {
    return this.log.departed
  }

  addUser(user: NewUser): VirtualUser {
    return this.users.put(user)
  }

  removeUser(userId: string): boolean {
    const user = this.users.byUserId(userId)
    return user !== undefined && this.users.remove(user.uid)
  }

  /** Enrolls `count` people with invented names. */
  addPeople(count: number): VirtualUser[] {
    const random = seededRandom(seedFor(this.settings.seed, 'people'))
    const people = inventPeople({ count, random, firstUserId: this.users.count + 1 })
    return people.map(person => this.addUser(person))
  }

  punch(input: PunchInput): VirtualPunch | null {
    if (!this.isEnabled || this.log.isFull) {
      this.stats.refusedPunches++
      return null
    }
    const { at, ...rest } = input
    const packedTime = at === undefined ? this.time.packed() : packedFromMs(msFromLocalTime(at))
    return this.store(this.#draft({ ...rest, packedTime }))
  }

  punchBySomebody(): VirtualPunch | null {
    const people = this.users.list()
    const userId = people.length > 0 ? this.#random.pick(people).userId : '1'
    return this.punch({ userId, punchState: this.#random.int(0, 1) })
  }

  /**
   * Puts `count` punches of the people into the log, without events. Their times rise from the last record there is up
   * to now, or to `until`.
   */
  fillLog(count: number, options?: { until?: LocalTime }): void {
    if (this.users.count === 0) this.addPeople(PEOPLE_OF_A_FILLED_LOG)
    const random = seededRandom(seedFor(this.settings.seed, `fill from ${this.log.everStored}`))
    const people = this.users.list()
    const last = parseLocalTime(this.log.last?.localTime ?? '')
    const sinceMs = last === null ? Number.NEGATIVE_INFINITY : msFromLocalTime(last)
    // A clock that fell back did so after it had recorded all this.
    const nowMs = Math.max(this.time.localMs(), this.time.soundMs())
    const untilMs = options?.until === undefined ? nowMs : msFromLocalTime(options.until)
    for (const localMs of fillTimes({ count, sinceMs, untilMs, random })) {
      const { uid, userId } = random.pick(people)
      const punchState = random.int(0, 1)
      const draft = { ...USUAL_PUNCH, uid, userId, punchState, packedTime: packedFromMs(localMs), faulty: null }
      for (const changed of this.#changedByFaults(draft)) this.log.append(changed)
    }
  }

  store(draft: RecordDraft): VirtualPunch | null {
    let first: VirtualPunch | null = null
    for (const changed of this.#changedByFaults(draft)) {
      const index = this.log.append(changed)
      if (index === null) break
      first ??= this.log.punchAt(index)
      this.#tell(changed)
    }
    return first
  }

  setFault(fault: FaultName | FaultSetting, state: 'on' | 'off'): void {
    if (state === 'on') this.#switchboard.on(fault)
    else this.#switchboard.off(typeof fault === 'string' ? fault : fault.name)
  }

  clearFaults(): void {
    this.#switchboard.clear()
  }

  get faults(): readonly FaultSetting[] {
    return this.#switchboard.settings
  }

  /** Calls `watcher` whenever a fault is switched on or off. */
  watchFaults(watcher: () => void): Disposable {
    return this.#switchboard.watch(watcher)
  }

  shiftClock(ms: number): void {
    this.time.shift(ms)
  }

  clearLog(): void {
    this.log.clear()
    this.downloadMarker = 0
  }

  wipe(): void {
    this.clearLog()
    this.users.clear()
  }

  powerCycle(): void {
    for (const peer of [...this.#peers.values()]) peer.lose()
    this.enable()
  }

  /** The peer of one TCP connection, or of one UDP address and port: over UDP the same key gives the same peer. */
  connect(transport: 'tcp' | 'udp', key: string): Peer {
    const name = `${transport} ${key}`
    const known = this.#peers.get(name)
    if (known !== undefined && transport === 'udp') return known
    known?.close()
    if (transport === 'udp') this.#forgetOldestUdpPeer()
    const peer = new Peer(this, transport)
    for (const behaviour of this.behaviours) behaviour.connected?.(peer)
    this.#peers.set(name, peer)
    this.stats.countConnection(transport)
    return peer
  }

  // What follows is for peers, commands and behaviours.

  get behaviours(): readonly Behaviour[] {
    return this.#switchboard.behaviours
  }

  get peers(): Iterable<Peer> {
    return this.#peers.values()
  }

  get refusesConnections(): boolean {
    return this.behaviours.some(behaviour => behaviour.refusesConnections)
  }

  get cachesEvents(): boolean {
    return this.behaviours.some(behaviour => behaviour.cachesEvents)
  }

  get asksForKey(): boolean {
    return this.settings.commKey !== 0 || this.behaviours.some(behaviour => behaviour.asksForKey)
  }

  get isEnabled(): boolean {
    return !this.#isDisabled || this.clock.monotonicMs() >= this.#disabledUntilMs
  }

  disable(options: { forMs: number | null }): void {
    this.#isDisabled = true
    this.#disabledUntilMs = this.clock.monotonicMs() + (options.forMs ?? Number.POSITIVE_INFINITY)
  }

  enable(): void {
    this.#isDisabled = false
  }

  nextSessionId(): number {
    const used = new Set([this.#lastSessionId])
    for (const { session } of this.#peers.values()) if (session !== null) used.add(session.id)
    let id = Math.floor(this.clock.now() / 1000) & 0xffff
    while (id === 0 || used.has(id)) id = (id + 1) & 0xffff
    this.#lastSessionId = id
    return id
  }

  freeSizes(): Uint32Array {
    const words = countSizes({ settings: this.settings, users: this.users, records: this.log.count })
    for (const behaviour of this.behaviours) behaviour.countSizes?.(words)
    return words
  }

  userRecords(): Uint8Array {
    return this.users.encode(record => {
      for (const behaviour of this.behaviours) behaviour.scribbleUser?.(record)
    })
  }

  forget(peer: Peer, how: 'ended' | 'left'): void {
    for (const [name, known] of this.#peers) if (known === peer) this.#peers.delete(name)
    if (how === 'left') {
      this.stats.openSessions--
      for (const behaviour of this.behaviours) behaviour.lost?.(peer)
    }
    if (peer.transport === 'tcp') this.stats.openConnections--
  }

  #draft(input: Omit<PunchInput, 'at'> & { packedTime: number }): RecordDraft {
    const userId = this.users.asStored(input.userId)
    const user = this.users.byUserId(userId)
    const isSomebody = user !== undefined || !carriesOnlyUid(this.settings.layout)
    return {
      uid: user?.uid ?? 0,
      userId,
      packedTime: input.packedTime,
      verifyMode: input.verifyMode ?? USUAL_PUNCH.verifyMode,
      punchState: input.punchState ?? USUAL_PUNCH.punchState,
      workCode: input.workCode ?? USUAL_PUNCH.workCode,
      faulty: packedTimeFault(input.packedTime) ?? (isSomebody ? null : 'UNKNOWN_UID'),
    }
  }

  #changedByFaults(draft: RecordDraft): readonly RecordDraft[] {
    let drafts: readonly RecordDraft[] = [draft]
    for (const behaviour of this.behaviours) {
      const { store } = behaviour
      if (store) drafts = drafts.flatMap(each => store(each))
    }
    return drafts
  }

  #tell(draft: RecordDraft): void {
    if (this.#peers.size === 0) return
    let data = attendanceEventData(draft, this.settings.eventBytes)
    for (const behaviour of this.behaviours) data = behaviour.shapeEvent?.(data) ?? data
    for (const peer of this.#peers.values()) peer.tellPunch(data)
  }

  #forgetOldestUdpPeer(): void {
    if (this.#peers.size < UDP_PEERS_MAX) return
    const idle = [...this.#peers.values()].find(peer => peer.transport === 'udp' && peer.session === null)
    const oldest = idle ?? [...this.#peers.values()].find(peer => peer.transport === 'udp')
    oldest?.close()
  }
}
