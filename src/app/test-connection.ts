import type { Base } from '../base/base.ts'
import { type Deadline, startDeadline } from '../base/clock.ts'
import { ConnectionError, type RollcallError } from '../base/errors.ts'
import type { Conversation } from '../client/conversation.ts'
import { announceSdk } from '../client/conversations.ts'
import type { Address, Network } from '../client/network.ts'
import { goodbye, reach } from '../client/reach.ts'
import type { Session } from '../client/session.ts'
import type { Transport, TransportSetting } from '../model/device.ts'
import { ListeningNetwork } from './connection-test/first-bytes.ts'
import { Greeting } from './connection-test/greeting.ts'
import { findAddress, type LookUp } from './connection-test/look-up.ts'
import { awaitPunch } from './connection-test/punch.ts'
import {
  askClock,
  askCounters,
  askFirmware,
  askIdentity,
  NOTHING_TOLD,
  type Told,
} from './connection-test/questions.ts'
import { lookAtRecord } from './connection-test/record.ts'
import {
  type GivenVerdict,
  type Outcome,
  type StageReport,
  StageRunner,
  type StageStart,
} from './connection-test/stages.ts'
import { STAGES, type Stage } from './verdicts.ts'

export type { GivenVerdict, StageDetails, StageReport, StageStart } from './connection-test/stages.ts'
export type { Severity, Stage, VerdictCode } from './verdicts.ts'

/** What each stage may take. A question that is not answered gives up by itself after ten seconds. */
const STAGE_MS = {
  address: 5_000,
  port: 8_000,
  handshake: 8_000,
  'comm-key': 15_000,
  identity: 15_000,
  firmware: 15_000,
  clock: 15_000,
  counters: 15_000,
  record: 45_000,
  // Besides the wait: two looks at the counters and the wish for events.
  punch: 30_000,
} as const satisfies Record<Stage, number>
/**
 * The whole test, without the wait for a punch. A device in order takes some seconds; one that trickles its answers could spend the
 * time of each stage in turn, and somebody waits.
 */
const TEST_MS = 60_000
/** After this many questions in a row without an answer nobody is asked any more. */
const SILENCES_MAX = 2

export interface ConnectionTarget {
  /** Null for an address that is not saved. */
  readonly deviceId: number | null
  readonly address: Address
  readonly transport: TransportSetting
  readonly commKey: number
  /** The zone that the clock of the device is taken to show. */
  readonly timezone: string
  /** Null where the device is not known yet. */
  readonly expectedSerialNumber: string | null
}

/** The end of a test. What the device said of itself is null where it did not say it, or was not asked any more. */
export interface ConnectionReport {
  readonly result: 'ok' | 'warning' | 'failed'
  readonly transport: Transport | null
  readonly serialNumber: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly deviceTime: string | null
  readonly clockDriftMs: number | null
  readonly attendanceRecords: number | null
  readonly attendanceCapacity: number | null
  readonly users: number | null
  /** Warnings and failures of all stages, in their order. */
  readonly verdicts: readonly GivenVerdict[]
}

export interface TestParts {
  readonly network: Network
  readonly base: Pick<Base, 'clock' | 'random'>
  readonly lookUp: LookUp
  /** Told each stage as it begins, where somebody watches. */
  readonly onStart?: ((start: StageStart) => void) | undefined
  /** Told each stage as it ends. */
  readonly onStage: (report: StageReport) => void
  /** Waits for one live punch as well, at most so long; `onReady` is told when somebody may punch. */
  readonly punch?: { readonly waitMs: number; readonly onReady: (transport: Transport) => void } | undefined
}

/**
 * Goes through everything that a sync needs, one stage after the other, and tells how each went, by the catalogue of verdicts. A
 * stage that failed stops those that need it. Changes nothing on the device, stores nothing, always says goodbye, and ends in time
 * whatever the device sends.
 *
 * @throws the reason of `signal`; what goes wrong is in the stages.
 */
export async function testConnection(
  target: ConnectionTarget,
  parts: TestParts,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  using deadline = startDeadline(parts.base.clock, {
    ms: TEST_MS,
    parent: signal,
    onExpiry: () => new ConnectionError('TIME_BUDGET_SPENT', `the test was not done within ${TEST_MS / 1000} s`),
  })
  await using test = new ConnectionTest(target, { ...parts, caller: signal })
  await test.run(deadline)
  return test.report()
}

class ConnectionTest implements AsyncDisposable {
  readonly #target: ConnectionTarget
  readonly #parts: TestParts
  readonly #network: ListeningNetwork
  readonly #stages: StageRunner
  readonly #told: Told = { ...NOTHING_TOLD }
  #session: Session | null = null
  #transport: Transport | null = null
  #silences = 0

  constructor(target: ConnectionTarget, parts: TestParts & { caller: AbortSignal }) {
    this.#target = target
    this.#parts = parts
    this.#network = new ListeningNetwork(parts.network)
    this.#stages = new StageRunner({
      clock: parts.base.clock,
      deviceId: target.deviceId,
      onStart: parts.onStart ?? (() => {}),
      onStage: parts.onStage,
      firstBytes: () => this.#network.firstBytes,
      badPackets: () => this.#session?.counters.badPackets ?? 0,
      caller: parts.caller,
    })
  }

  async run(deadline: Deadline): Promise<void> {
    const { signal } = deadline
    if (await this.#open(signal)) {
      await this.#ask(signal)
      if (this.#parts.punch) await this.#waitForPunch(this.#parts.punch, deadline)
    }
    this.#skipRest(signal)
  }

  report(): ConnectionReport {
    const { reports } = this.#stages
    const has = (status: StageReport['status']) => reports.some(report => report.status === status)
    const { packedTime: _packed, platform: _platform, ...told } = this.#told
    return {
      result: has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok',
      transport: this.#transport,
      ...told,
      verdicts: reports.flatMap(({ verdicts }) => verdicts.filter(({ severity }) => severity !== 'note')),
    }
  }

  /** From the address to the comm key; true once the session is open. */
  async #open(signal: AbortSignal): Promise<boolean> {
    const { address, transport } = this.#target
    const found = (inner: AbortSignal) => findAddress(address.host, this.#parts.lookUp, inner)
    if (await this.#stages.run({ stage: 'address', transport: null, ms: STAGE_MS.address }, found, signal)) return false
    const transports: readonly Transport[] = transport === 'auto' ? ['tcp', 'udp'] : [transport]
    for (const [index, one] of transports.entries()) {
      const error = await this.#openOver(one, { other: transports[index + 1] ?? null, isSecond: index > 0 }, signal)
      if (error === null) return true
      await this.#leave()
      // A device that answered and refused does so over the other transport as well.
      if (!(error instanceof ConnectionError) || signal.aborted) return false
    }
    return false
  }

  async #openOver(
    transport: Transport,
    way: { other: Transport | null; isSecond: boolean },
    signal: AbortSignal,
  ): Promise<RollcallError | null> {
    const { commKey, address } = this.#target
    const { clock, random } = this.#parts.base
    const greeting = new Greeting({ commKey, tick: random.int(0, 255) })
    const open = async (inner: AbortSignal): Promise<Outcome> => {
      const session = await reach({ address, transport }, { network: this.#network, clock }, inner)
      this.#session = session
      const details = { host: address.host, port: address.port }
      if (transport === 'tcp') return { found: 'the port is open', details }
      await session.run(greeting.ask(), inner)
      return { found: 'something answers', details, verdicts: way.isSecond ? ['UDP_ONLY'] : [] }
    }
    const greet = async (inner: AbortSignal): Promise<Outcome> => {
      if (transport === 'tcp') await this.#run(greeting.ask(), inner)
      greeting.judge()
      const { asksForKey } = greeting
      const found = asksForKey ? 'the device answers and asks for the comm key' : 'the device answers'
      return { found, details: { asks_for_comm_key: asksForKey } }
    }
    const authenticate = async (inner: AbortSignal): Promise<Outcome> => {
      const isAsked = greeting.asksForKey
      await this.#run(greeting.authenticate(), inner)
      await this.#run(announceSdk(), inner)
      return keyOutcome({ isAsked, commKey })
    }
    const request = { transport, other: way.other }
    const error =
      (await this.#stages.run({ ...request, stage: 'port', ms: STAGE_MS.port }, open, signal)) ??
      (await this.#stages.run({ ...request, stage: 'handshake', ms: STAGE_MS.handshake }, greet, signal)) ??
      (await this.#stages.run({ ...request, stage: 'comm-key', ms: STAGE_MS['comm-key'] }, authenticate, signal))
    if (error === null) this.#transport = transport
    return error
  }

  /** Everything after the opening. A question that fails does not end the others, unless nobody answers any more. */
  async #ask(signal: AbortSignal): Promise<void> {
    const told = this.#told
    const { clock } = this.#parts.base
    const { expectedSerialNumber: expected, timezone } = this.#target
    await this.#question('identity', (session, inner) => askIdentity(session, { told, expected }, inner), signal)
    await this.#question('firmware', (session, inner) => askFirmware(session, told, inner), signal)
    await this.#question('clock', (session, inner) => askClock(session, { told, timezone, clock }, inner), signal)
    await this.#question('counters', (session, inner) => askCounters(session, told, inner), signal)
    await this.#question('record', (session, inner) => lookAtRecord(session, told, inner), signal)
  }

  async #waitForPunch(punch: NonNullable<TestParts['punch']>, deadline: Deadline): Promise<void> {
    const { clock } = this.#parts.base
    // A person who walks over to the device is no slowness of it.
    if (!deadline.signal.aborted) deadline.extend(STAGE_MS.punch + punch.waitMs)
    await this.#question('punch', (session, inner) => awaitPunch(session, { ...punch, clock }, inner), deadline.signal)
  }

  async #question(
    stage: Stage,
    work: (session: Session, signal: AbortSignal) => Promise<Outcome>,
    signal: AbortSignal,
  ): Promise<void> {
    const session = this.#session
    if (!session || session.fault || this.#silences >= SILENCES_MAX || signal.aborted) return
    const ms = STAGE_MS[stage] + (stage === 'punch' ? (this.#parts.punch?.waitMs ?? 0) : 0)
    const request = { stage, transport: session.transport, ms }
    const error = await this.#stages.run(request, inner => work(session, inner), signal)
    const isSilence = error !== null && (error.code === 'REPLY_TIMEOUT' || error.code === 'TIME_BUDGET_SPENT')
    this.#silences = isSilence ? this.#silences + 1 : 0
  }

  #run(conversation: Conversation<void>, signal: AbortSignal): Promise<void> {
    if (!this.#session) throw new ConnectionError('CONNECTION_LOST', 'the connection is closed')
    return this.#session.run(conversation, signal)
  }

  /** What was not gone through is told as well, so that every test tells the same stages. */
  #skipRest(signal: AbortSignal): void {
    const wanted = STAGES.filter(stage => stage !== 'punch' || this.#parts.punch)
    const done = new Set(this.#stages.reports.map(({ stage }) => stage))
    const failed = this.#stages.reports.findLast(({ status }) => status === 'failed')
    const isSpent = signal.aborted
    const why = isSpent
      ? 'the time of the test is spent'
      : (this.#session?.fault?.message ?? 'the device no longer answers')
    const found = this.#transport === null && !isSpent ? `needs the stage ${failed?.stage ?? 'before'}` : why
    for (const stage of wanted) {
      if (!done.has(stage)) this.#stages.skip(stage, { transport: this.#transport, found })
    }
  }

  async #leave(): Promise<void> {
    const session = this.#session
    if (session) await goodbye(session)
    this.#session = null
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leave()
  }
}

function keyOutcome({ isAsked, commKey }: { isAsked: boolean; commKey: number }): Outcome {
  const details = { asked: isAsked, comm_key_set: commKey !== 0 }
  if (!isAsked) {
    const found = 'the device asks for no comm key'
    return { found, details, verdicts: commKey === 0 ? [] : ['COMM_KEY_NOT_ASKED'] }
  }
  if (commKey === 0) return { found: 'the device takes the comm key 0', details, verdicts: ['COMM_KEY_ZERO_ASKED'] }
  return { found: 'the comm key is right', details }
}
