import { type Clock, startDeadline } from '../../base/clock.ts'
import { asRollcallError, ConnectionError, type RollcallError } from '../../base/errors.ts'
import type { Transport } from '../../model/device.ts'
import { type Severity, type Stage, VERDICTS, type VerdictCode, verdictOf } from '../verdicts.ts'

/** What a stage found, for programs. */
export type StageDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** A verdict of the catalogue as it is told: with the next step in the words that fit the device or address. */
export interface GivenVerdict {
  readonly code: VerdictCode
  readonly severity: Severity
  readonly cause: string
  readonly nextStep: string
}

export interface StageReport {
  readonly stage: Stage
  /** Null where none is in use: at the address, and where a stage was skipped before there was one. */
  readonly transport: Transport | null
  /** `warning`: worth a look. `skipped`: a stage that it needs has failed. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly durationMs: number
  /** What was found or went wrong, in words. */
  readonly found: string
  readonly details: StageDetails
  /** The gravest first; empty where there is nothing to say. */
  readonly verdicts: readonly GivenVerdict[]
}

/** How a stage ended. What it throws instead becomes the verdict of the error. */
export interface Outcome {
  readonly found: string
  readonly details?: StageDetails
  readonly verdicts?: readonly VerdictCode[]
}

export interface StageRequest {
  readonly stage: Stage
  readonly transport: Transport | null
  /** How long it may take. Much longer than a device needs, and short enough to wait for. */
  readonly ms: number
  /** A failure of the way is told as a warning, since another way is tried next. */
  readonly other?: Transport | null
}

const RANK: Readonly<Record<Severity, number>> = { failed: 0, warning: 1, note: 2 }

/** A stage that is gone through now. */
export type StageStart = Pick<StageRequest, 'stage' | 'transport'>

/** Runs stages one after the other, each within its time, and tells each as it begins and as it ends. */
export class StageRunner {
  readonly reports: StageReport[] = []
  readonly #clock: Clock
  readonly #deviceId: number | null
  readonly #onStart: (start: StageStart) => void
  readonly #onStage: (report: StageReport) => void
  readonly #firstBytes: () => Uint8Array
  readonly #badPackets: () => number
  readonly #caller: AbortSignal

  constructor(parts: {
    clock: Clock
    deviceId: number | null
    onStart: (start: StageStart) => void
    onStage: (report: StageReport) => void
    /** What came first over the link, and how many packets came damaged so far. */
    firstBytes: () => Uint8Array
    badPackets: () => number
    /** Ends the whole test, unlike the time of a stage. */
    caller: AbortSignal
  }) {
    this.#clock = parts.clock
    this.#deviceId = parts.deviceId
    this.#onStart = parts.onStart
    this.#onStage = parts.onStage
    this.#firstBytes = parts.firstBytes
    this.#badPackets = parts.badPackets
    this.#caller = parts.caller
  }

  /**
   * Runs one stage. Returns why it could not be gone through, or null; an outcome that is judged a failure is none of that.
   *
   * @param signal of the whole test: fires with the caller's, and when the time of the whole is spent.
   * @throws the reason of the caller's signal; what has no verdict in the catalogue.
   */
  async run(
    request: StageRequest,
    work: (signal: AbortSignal) => Promise<Outcome>,
    signal: AbortSignal,
  ): Promise<RollcallError | null> {
    this.#onStart({ stage: request.stage, transport: request.transport })
    const startedMs = this.#clock.monotonicMs()
    const damagedBefore = this.#badPackets()
    const message = `the stage was not done within ${request.ms / 1000} s`
    using deadline = startDeadline(this.#clock, {
      ms: request.ms,
      parent: signal,
      onExpiry: () => new ConnectionError('TIME_BUDGET_SPENT', message),
    })
    const damaged = () => this.#badPackets() - damagedBefore
    try {
      const { found, details = {}, verdicts = [] } = await work(deadline.signal)
      this.#tell(request, { startedMs, found, details, verdicts, damaged: damaged() })
      return null
    } catch (thrown) {
      if (this.#caller.aborted) throw this.#caller.reason
      const error = asRollcallError(thrown)
      // Not this stage was too slow, but all of them together.
      const isWholeSpent = signal.aborted
      const met = { stage: request.stage, firstBytes: this.#firstBytes() }
      const verdict = isWholeSpent ? 'TEST_TOO_LONG' : verdictOf(error, met)
      if (verdict === null) throw thrown
      const details = { error_code: error.code }
      const isSoftened = request.other != null && error instanceof ConnectionError && !isWholeSpent
      const found = isSoftened ? `${error.message}; ${request.other.toUpperCase()} is tried next` : error.message
      this.#tell(request, { startedMs, found, details, verdicts: [verdict], damaged: damaged(), isSoftened })
      return error
    }
  }

  /** Tells a stage that is not gone through. */
  skip(stage: Stage, why: { transport: Transport | null; found: string }): void {
    this.#report({ stage, ...why, status: 'skipped', durationMs: 0, details: {}, verdicts: [] })
  }

  #tell(
    { stage, transport }: StageRequest,
    end: {
      startedMs: number
      found: string
      details: StageDetails
      verdicts: readonly VerdictCode[]
      damaged: number
      isSoftened?: boolean
    },
  ): void {
    const codes = end.damaged > 0 ? [...end.verdicts, 'CHECKSUM_ERRORS' as const] : end.verdicts
    const verdicts = codes.map(code => this.#given(code)).sort((a, b) => RANK[a.severity] - RANK[b.severity])
    const gravest = verdicts[0]?.severity ?? 'note'
    const status = gravest === 'note' ? 'ok' : gravest
    this.#report({
      stage,
      transport,
      status: end.isSoftened && status === 'failed' ? 'warning' : status,
      durationMs: Math.round(this.#clock.monotonicMs() - end.startedMs),
      found: end.found,
      details: end.damaged > 0 ? { ...end.details, bad_packets: end.damaged } : end.details,
      verdicts,
    })
  }

  #given(code: VerdictCode): GivenVerdict {
    const { severity, cause, nextStep } = VERDICTS[code]
    return { code, severity, cause, nextStep: nextStepFor(nextStep, this.#deviceId) }
  }

  #report(report: StageReport): void {
    this.reports.push(report)
    this.#onStage(report)
  }
}

/** What is saved nowhere is not edited, but given with the next try. */
function nextStepFor(nextStep: string, deviceId: number | null): string {
  if (deviceId !== null) return nextStep.replace('device:edit ID', `device:edit ${deviceId}`)
  return nextStep
    .replace('enter it in the settings of the device (device:edit ID ', 'enter it (')
    .replace('the time zone of the device in its settings (device:edit ID ', 'the time zone (')
}
