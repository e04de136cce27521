import type { Base } from '../base/base.ts'
import { ConnectionError, DeviceError, RollcallError } from '../base/errors.ts'
import type { Conversation } from '../client/conversation.ts'
import { connect, readCounters, readFirmware, readOption, readTime } from '../client/conversations.ts'
import type { Address, Network } from '../client/network.ts'
import { goodbye, reach } from '../client/reach.ts'
import type { Session } from '../client/session.ts'
import { PackedTimeFormatter } from '../codec/binary/packed-time.ts'
import type { Transport, TransportSetting } from '../model/device.ts'
import { ZoneTable } from '../sync/zone-table.ts'

/** Clocks of devices drift by seconds a week; more than this puts punches into the wrong minute. */
const DRIFT_MS_MAX = 60_000
const QUARTER_HOUR_MS = 900_000

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

export type TestStep = 'reach' | 'handshake' | 'auth' | 'identity' | 'firmware' | 'clock' | 'counts'

export interface StepReport {
  readonly step: TestStep
  readonly transport: Transport
  /** `warning`: worth a look, and no reason why syncing should fail. */
  readonly status: 'ok' | 'warning' | 'failed'
  readonly durationMs: number
  /** What came out of it, in words. */
  readonly detail: string
  /** Set unless `ok`. */
  readonly error: RollcallError | null
  /** What to do now; null where nothing needs doing. */
  readonly nextStep: string | null
}

/** What the device said of itself; null where it did not, or was not asked any more. */
export interface ConnectionReport {
  readonly isGood: boolean
  readonly transport: Transport | null
  readonly serialNumber: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly deviceTime: string | null
  readonly clockDriftMs: number | null
  readonly attendanceRecords: number | null
  readonly attendanceCapacity: number | null
  readonly users: number | null
}

interface TestParts {
  readonly network: Network
  readonly base: Pick<Base, 'clock' | 'random'>
  /** Told each step as it ends. */
  readonly onStep: (step: StepReport) => void
}

/**
 * Goes through everything that a sync needs, one step after the other, and says how each went. Changes nothing on the
 * device and reads no attendance.
 *
 * @throws only the reason of `signal`; what goes wrong is in the steps.
 */
export async function testConnection(
  target: ConnectionTarget,
  parts: TestParts,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const transports: readonly Transport[] = target.transport === 'auto' ? ['tcp', 'udp'] : [target.transport]
  let firstError: RollcallError | null = null
  for (const transport of transports) {
    const test = new ConnectionTest(target, { ...parts, transport })
    const isLast = transport === transports.at(-1)
    const error = await test.open({ isLast, firstError }, signal)
    if (error === null) return await test.ask(signal)
    firstError ??= error
    // A device that answered and refused does so over the other transport as well.
    if (!(error instanceof ConnectionError)) break
  }
  return { ...NOTHING_TOLD, isGood: false }
}

const NOTHING_TOLD: Omit<ConnectionReport, 'isGood'> = {
  transport: null,
  serialNumber: null,
  model: null,
  firmware: null,
  deviceTime: null,
  clockDriftMs: null,
  attendanceRecords: null,
  attendanceCapacity: null,
  users: null,
}

/** How a step ended well: its words, and the doubts that remain. */
interface Outcome {
  readonly detail: string
  readonly doubt?: { readonly nextStep: string }
}

/** One try over one transport. */
class ConnectionTest {
  readonly #target: ConnectionTarget
  readonly #parts: TestParts & { transport: Transport }
  #session: Session | null = null
  #isGood = true
  #told = NOTHING_TOLD

  constructor(target: ConnectionTarget, parts: TestParts & { transport: Transport }) {
    this.#target = target
    this.#parts = parts
  }

  /** Reach, handshake, auth. Returns what went wrong, or null. */
  async open(
    tries: { isLast: boolean; firstError: RollcallError | null },
    signal: AbortSignal,
  ): Promise<RollcallError | null> {
    const { clock } = this.#parts.base
    let step: TestStep = 'reach'
    let startedMs = clock.monotonicMs()
    const ended = (detail: string) => {
      this.#report({ step, status: 'ok', startedMs, detail, error: null, nextStep: null })
      startedMs = clock.monotonicMs()
    }
    try {
      const session = await reach(
        { address: this.#target.address, transport: this.#parts.transport },
        { network: this.#parts.network, clock: this.#parts.base.clock },
        signal,
      )
      this.#session = session
      ended(
        this.#parts.transport === 'tcp'
          ? 'the port is open'
          : 'the address is known; UDP shows more only at the next step',
      )
      step = 'handshake'
      const greeting = observed(
        connect({ commKey: this.#target.commKey, tick: this.#parts.base.random.int(0, 255) }),
        asked => {
          if (asked !== 2) return
          ended('the device answers and asks for the comm key')
          step = 'auth'
        },
      )
      await session.run(greeting, signal)
      if (step === 'handshake') {
        ended('the device answers')
        step = 'auth'
        ended('the device asks for no comm key')
      } else ended('the comm key is right')
      this.#told = { ...this.#told, transport: this.#parts.transport }
      return null
    } catch (error) {
      if (signal.aborted) {
        await this.#goodbye()
        throw signal.reason
      }
      const told = asRollcallError(error)
      const hasOther = !tries.isLast && told instanceof ConnectionError
      // Where both transports fail, what TCP said is nearly always the plainer of the two.
      const nextStep = hasOther ? 'UDP is tried next' : nextStepFor(tries.firstError ?? told, this.#target)
      const status = hasOther ? 'warning' : 'failed'
      this.#report({ step, status, startedMs, detail: told.message, error: told, nextStep })
      // After the report: saying goodbye to a device that has stopped answering takes its time.
      await this.#goodbye()
      return told
    }
  }

  /** Everything after the opening. A question that the device refuses does not end the others. */
  async ask(signal: AbortSignal): Promise<ConnectionReport> {
    try {
      await this.#step('identity', () => this.#identity(signal), signal)
      await this.#step('firmware', () => this.#firmware(signal), signal)
      await this.#step('clock', () => this.#clock(signal), signal)
      await this.#step('counts', () => this.#counts(signal), signal)
    } finally {
      await this.#goodbye()
    }
    return { ...this.#told, isGood: this.#isGood }
  }

  async #identity(signal: AbortSignal): Promise<Outcome> {
    const serialNumber = await this.#run(readOption('~SerialNumber'), signal)
    const model =
      (await this.#run(readOption('~DeviceName'), signal)) ?? (await this.#run(readOption('~Platform'), signal))
    this.#told = { ...this.#told, serialNumber, model }
    const { expectedSerialNumber: expected } = this.#target
    if (expected !== null && serialNumber !== expected) {
      throw new DeviceError(
        'SERIAL_MISMATCH',
        `serial number ${serialNumber ?? 'unknown'} answers, where ${expected} is expected`,
      )
    }
    return { detail: `serial number ${serialNumber ?? 'not told'}, model ${model ?? 'not told'}` }
  }

  async #firmware(signal: AbortSignal): Promise<Outcome> {
    const firmware = await this.#run(readFirmware(), signal)
    this.#told = { ...this.#told, firmware }
    return { detail: firmware ?? 'the device does not tell its firmware' }
  }

  async #clock(signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#parts.base
    const askedAtMs = clock.now()
    const packed = await this.#run(readTime(), signal)
    const answeredAtMs = clock.now()
    const deviceTime = packed === null ? null : new PackedTimeFormatter().text(packed)
    if (deviceTime === null) {
      const nextStep = 'set the date and time in the device menu; punches made until then carry no usable time'
      return { detail: 'the device tells no time that exists', doubt: { nextStep } }
    }
    // Whole seconds are cut off, not rounded, and the answer was made somewhere between question and arrival.
    const { ms } = new ZoneTable(this.#target.timezone).instantOf(deviceTime)
    const clockDriftMs = Math.round(ms + 500 - (askedAtMs + answeredAtMs) / 2)
    this.#told = { ...this.#told, deviceTime, clockDriftMs }
    return clockOutcome({ ...this.#target, deviceTime, clockDriftMs })
  }

  async #counts(signal: AbortSignal): Promise<Outcome> {
    const { attendanceRecords, attendanceCapacity, users } = await this.#run(readCounters(), signal)
    this.#told = { ...this.#told, attendanceRecords, attendanceCapacity, users }
    const capacity = attendanceCapacity === null ? '' : ` of at most ${attendanceCapacity}`
    const people = users === null ? 'an unknown number of users' : `${users} users`
    const detail =
      attendanceRecords === null
        ? 'the device does not count its records'
        : `${attendanceRecords} attendance records${capacity}`
    return { detail: `${detail}, ${people}` }
  }

  async #step(step: TestStep, work: () => Promise<Outcome>, signal: AbortSignal): Promise<void> {
    if (!this.#session || this.#session.fault) return
    const startedMs = this.#parts.base.clock.monotonicMs()
    try {
      const { detail, doubt } = await work()
      this.#report({
        step,
        status: doubt ? 'warning' : 'ok',
        startedMs,
        detail,
        error: null,
        nextStep: doubt?.nextStep ?? null,
      })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const told = asRollcallError(error)
      this.#isGood = false
      this.#report({
        step,
        status: 'failed',
        startedMs,
        detail: told.message,
        error: told,
        nextStep: nextStepFor(told, this.#target),
      })
      // Who does not answer one question in time will let the others wait as long.
      if (told instanceof ConnectionError) await this.#goodbye()
    }
  }

  #run<Result>(conversation: Conversation<Result>, signal: AbortSignal): Promise<Result> {
    if (!this.#session) throw new ConnectionError('CONNECTION_LOST', 'the connection is closed')
    return this.#session.run(conversation, signal)
  }

  #report({ startedMs, ...report }: Omit<StepReport, 'transport' | 'durationMs'> & { startedMs: number }): void {
    const durationMs = Math.round(this.#parts.base.clock.monotonicMs() - startedMs)
    this.#parts.onStep({ ...report, transport: this.#parts.transport, durationMs })
  }

  async #goodbye(): Promise<void> {
    const session = this.#session
    this.#session = null
    if (session) await goodbye(session)
  }
}

/** What is saved nowhere is not edited, but given with the next try. */
function nextStepFor(error: RollcallError, { deviceId }: Pick<ConnectionTarget, 'deviceId'>): string {
  if (deviceId !== null) return error.nextStep.replace('device:edit ID', `device:edit ${deviceId}`)
  if (error.code !== 'COMM_KEY_REFUSED') return error.nextStep
  return 'read the comm key in the device menu (Comm. settings) and give it with --comm-key'
}

function clockOutcome(
  told: { deviceTime: string; clockDriftMs: number } & Pick<ConnectionTarget, 'deviceId' | 'timezone'>,
): Outcome {
  const { deviceTime, clockDriftMs, timezone, deviceId } = told
  const seconds = Math.round(Math.abs(clockDriftMs) / 1000)
  const side = clockDriftMs > 0 ? 'ahead of' : 'behind'
  const drift = seconds === 0 ? 'as on this machine' : `${seconds} s ${side} this machine`
  const detail = `${deviceTime}, ${drift}, taken as ${timezone}`
  if (Math.abs(clockDriftMs) <= DRIFT_MS_MAX) return { detail }
  // Zones differ by multiples of a quarter of an hour; a clock that runs wrong hits one by chance alone.
  const offQuarterMs = Math.abs(clockDriftMs - Math.round(clockDriftMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS)
  const zoneGoes = deviceId === null ? 'give it with' : `set it with device:edit ${deviceId}`
  const nextStep =
    offQuarterMs <= DRIFT_MS_MAX
      ? `the device seems to be in another time zone: ${zoneGoes} --timezone Area/City, or set the clock of the device`
      : 'set the clock in the device menu; punches carry its time'
  return { detail, doubt: { nextStep } }
}

/** The same conversation, which tells before each request how many that makes. */
function* observed<Result>(inner: Conversation<Result>, onRequest: (asked: number) => void): Conversation<Result> {
  let asked = 0
  let step = inner.next()
  while (!step.done) {
    onRequest(++asked)
    try {
      step = inner.next(yield step.value)
    } catch (error) {
      step = inner.throw(error)
    }
  }
  return step.value
}

function asRollcallError(error: unknown): RollcallError {
  if (error instanceof RollcallError) return error
  return new RollcallError('UNEXPECTED_REPLY', error instanceof Error ? error.message : String(error), { cause: error })
}
