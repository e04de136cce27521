import { asRollcallError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { LiveEvents, ReadProgress } from '../model/device-driver.ts'
import type { Lease, RunOutcome } from '../model/store.ts'
import { type Contact, openContact } from './contact.ts'
import { runOver, startBudget } from './device-run.ts'
import type { Gate } from './gate.ts'
import { isUnchanged, type ReadingParts } from './reading.ts'
import { zonedPunch } from './zoned-batches.ts'

/** After so much silence the counter is asked: it shows that the line is alive, and what was not told. */
const PROBE_MS = 30_000
/** Where events never pause, the log is read along this often. */
const SETTLE_MS = 5 * 60_000
const CLOCK_MS = 3_600_000
/** So many punches found by reading, and not one of them told: this device tells none. */
const UNTOLD_MAX = 5

export interface ListeningParts extends ReadingParts {
  /** Reads of many devices at once take turns; listening does not. */
  readonly gate: Gate
  /** The turn in which it begins. Given back once it only listens. */
  readonly place: Disposable
  readonly people: { areDue(): boolean; wereRead(): void }
  readonly onProgress: (progress: ReadProgress) => void
  readonly onRun: (outcome: RunOutcome, durationMs: number) => void
  readonly onListening: () => void
  readonly onPunches: (told: { received: number; inserted: number }) => void
}

/**
 * Holds a conversation open and stores each punch as the device tells it. Events make punches known sooner and prove nothing:
 * the log is read before they are asked for and once more after, whenever the counter has moved without a word, and whenever
 * an event leaves a question.
 *
 * @returns why the device cannot be listened to, so that it is to be polled.
 * @throws what ends the conversation; the reason of `signal`.
 */
export async function listenTo(
  device: Device,
  lease: Lease,
  parts: ListeningParts,
  signal: AbortSignal,
): Promise<{ unheard: string }> {
  const refused = { unheard: 'its firmware refuses to tell punches as they happen' }
  let contact: Contact | null = null
  let listening: Listening | null = null
  try {
    contact = await withinBudget(device, parts, signal, budget => openContact(device, parts, budget))
    listening = new Listening(contact, lease, parts)
    if (!(await listening.begin(signal))) return refused
    parts.place[Symbol.dispose]()
    return await listening.untilUnheard(signal)
  } finally {
    await listening?.storeRest()
    await contact?.[Symbol.asyncDispose]()
  }
}

/** A device that sends for ever can hold up one step for as long as its budget, and no longer. */
async function withinBudget<Result>(
  device: Device,
  parts: ListeningParts,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  using budget = startBudget(device, parts, signal)
  return await work(budget.signal)
}

class Listening {
  readonly #contact: Contact
  readonly #lease: Lease
  readonly #parts: ListeningParts
  #readAtMs = 0
  #clockAtMs: number
  #isHeard = false
  #untold = 0

  constructor(contact: Contact, lease: Lease, parts: ListeningParts) {
    this.#contact = contact
    this.#lease = lease
    this.#parts = parts
    this.#clockAtMs = this.#nowMs()
  }

  /** What was punched before, and while nobody listened, and between the two. */
  async begin(signal: AbortSignal): Promise<boolean> {
    await this.#catchUp(signal)
    const { open, device } = this.#contact
    const { store } = this.#parts
    const layout = (await store.punches.checkpoint(device.id))?.layout ?? null
    const start = (budget: AbortSignal) => open.startEvents(layout, budget)
    if (!(await withinBudget(device, this.#parts, signal, start))) return false
    await store.devices.recordLiveState(device.id, 'listening')
    this.#parts.onListening()
    await this.#catchUp(signal)
    return true
  }

  async untilUnheard(signal: AbortSignal): Promise<{ unheard: string }> {
    const { open, device } = this.#contact
    while (this.#isHeard || this.#untold < UNTOLD_MAX) {
      const told = await open.takeEvents(PROBE_MS, signal)
      await this.#store(told)
      const isSilent = told.punches.length === 0 && told.unclear === null
      if (!isSilent) this.#isHeard = true
      if (told.unclear !== null) await this.#takeTurn(signal)
      told.acknowledge()
      if (isSilent || this.#nowMs() - this.#readAtMs >= SETTLE_MS) this.#untold += await this.#takeTurn(signal)
      if (this.#nowMs() - this.#clockAtMs >= CLOCK_MS) {
        await withinBudget(device, this.#parts, signal, budget => this.#contact.lookAtClock(budget))
        this.#clockAtMs = this.#nowMs()
      }
    }
    return { unheard: `${this.#untold} punches were found in its log, and none of them was told` }
  }

  /**
   * Stores what was told while a step was under way that then failed or was ended: the log may not hold it when it is read next.
   * What cannot be stored now is left to that read.
   */
  async storeRest(): Promise<void> {
    try {
      await this.#store(await this.#contact.open.takeEvents(0, new AbortController().signal))
    } catch (error) {
      const { log } = this.#parts.base
      log.debug(`Device ${this.#contact.device.name} - nothing more was heard: ${asRollcallError(error).message}`)
    }
  }

  /** Rows first, then the acknowledgement: a device repeats what was not acknowledged. */
  async #store({ punches }: LiveEvents): Promise<void> {
    if (punches.length === 0) return
    const { zone, driftSeconds } = this.#contact
    const { inserted } = await this.#parts.store.punches.commit({
      lease: this.#lease,
      runId: null,
      source: 'live',
      driftSeconds,
      punches: punches.map(punch => zonedPunch(punch, zone)),
      quarantined: [],
    })
    this.#parts.onPunches({ received: punches.length, inserted })
  }

  #takeTurn(signal: AbortSignal): Promise<number> {
    return this.#parts.gate.pass(() => this.#catchUp(signal), signal)
  }

  /** Reads what the counter says is new. A counter that has not moved leaves no run behind. @returns the new rows. */
  async #catchUp(signal: AbortSignal): Promise<number> {
    const { people, store } = this.#parts
    const atMs = this.#parts.base.clock.now()
    this.#readAtMs = this.#nowMs()
    if (!people.areDue() && (await this.#isUnchanged(signal))) {
      await store.coverage.lengthen(this.#lease, atMs)
      return 0
    }
    const startedMs = this.#nowMs()
    const isDue = people.areDue()
    const parts = { ...this.#parts, people: isDue ? ('read' as const) : ('skip' as const), full: false }
    const outcome = await runOver(this.#contact, this.#lease, parts, signal)
    if (isDue) people.wereRead()
    this.#parts.onRun(outcome, this.#nowMs() - startedMs)
    return outcome.inserted
  }

  #isUnchanged(signal: AbortSignal): Promise<boolean> {
    const look = (budget: AbortSignal) => isUnchanged(this.#contact, this.#parts, budget)
    return withinBudget(this.#contact.device, this.#parts, signal, look)
  }

  #nowMs(): number {
    return this.#parts.base.clock.monotonicMs()
  }
}
