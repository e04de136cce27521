import { type Deadline, startDeadline } from '../base/clock.ts'
import { asRollcallError, ConnectionError, RollcallError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { ReadProgress } from '../model/device-driver.ts'
import type { Lease, RunOutcome } from '../model/store.ts'
import { type Contact, openContact } from './contact.ts'
import { type Reading, type ReadingParts, readNews } from './reading.ts'
import { failedOutcome, storeReading } from './storing.ts'

/** To reach, greet and identify a device, and again after each slice of its log. Covers the slowest answers seen. */
const BUDGET_MS = 120_000
/** Names come after the log is safely here; this is what they may cost. */
const PEOPLE_BUDGET_MS = 90_000
/** The slowest link on which a log is still read: a fifth of the slowest device known. */
const BYTES_PER_MS_MIN = 4

export interface DeviceRunParts extends ReadingParts {
  /** Whether names are to be read along; read anyway where records carry slots. */
  readonly people: 'read' | 'skip'
  /** Whether everything is to be read, whatever the counters say. */
  readonly full: boolean
  readonly onProgress: (progress: ReadProgress) => void
}

/**
 * One run: reads of one device, whose lease is held, what is new, and stores it. However it ends, the device is told
 * goodbye, and `sync_runs` tells the truth.
 *
 * @returns the outcome as stored; see {@link storeReading}.
 * @throws what went wrong; the run then stands as failed.
 */
export async function runDevice(
  device: Device,
  lease: Lease,
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<RunOutcome> {
  return recorded(lease, parts, signal, async run => {
    let reading: Reading
    let seen: Pick<Contact, 'device' | 'zone' | 'driftSeconds'>
    {
      using deadline = startBudget(device, parts, signal)
      await using contact = await openContact(device, parts, deadline.signal)
      reading = await readWithin(deadline, contact, parts)
      const { driftSeconds, zone } = contact
      seen = { device, zone, driftSeconds }
    }
    // Nobody waits at the device while rows are written.
    return storeReading(seen, { run, reading }, parts, signal)
  })
}

/** A run over a conversation that stays open. */
export async function runOver(
  contact: Contact,
  lease: Lease,
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<RunOutcome> {
  return recorded(lease, parts, signal, async run => {
    using deadline = startBudget(contact.device, parts, signal)
    const reading = await readWithin(deadline, contact, parts)
    return storeReading(contact, { run, reading }, parts, signal)
  })
}

/** The time in which a device has to be reached and read. @see extend */
export function startBudget(device: Device, parts: Pick<ReadingParts, 'base'>, signal: AbortSignal): Deadline {
  return startDeadline(parts.base.clock, {
    ms: BUDGET_MS,
    parent: signal,
    onExpiry: () =>
      new ConnectionError(
        'TIME_BUDGET_SPENT',
        `the device at ${device.host}:${device.port} took longer than its time budget`,
      ),
  })
}

/** Until it is finished a run stands as interrupted, so that a crash leaves the truth behind. */
async function recorded(
  lease: Lease,
  parts: DeviceRunParts,
  signal: AbortSignal,
  work: (run: { lease: Lease; runId: number }) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  const { punches } = parts.store
  const runId = await punches.beginRun(lease, 'full')
  try {
    return await work({ lease, runId })
  } catch (error) {
    const outcome = failedOutcome(writtenError(error, signal))
    // The run's error matters more than a second one; the row then keeps saying that the run was interrupted.
    await punches.finish({ lease, runId, outcome, checkpoint: null, coverage: null }).catch(() => {})
    throw error
  }
}

async function readWithin(deadline: Deadline, contact: Contact, parts: DeviceRunParts): Promise<Reading> {
  const onProgress = (progress: ReadProgress) => {
    extend(deadline, progress)
    parts.onProgress(progress)
  }
  const reading = await readNews(contact, { full: parts.full, onProgress }, parts, deadline.signal)
  deadline.extend(BUDGET_MS)
  const isNeeded = reading.log?.needsPeople === true
  if (isNeeded || parts.people === 'read') await readPeople(contact, { isNeeded }, parts, deadline.signal)
  return reading
}

/** A log in motion gets the time it needs at the slowest bearable speed; one that stands still does not. */
function extend(deadline: Deadline, progress: ReadProgress): void {
  deadline.extend(BUDGET_MS + (progress.bytesTotal - progress.bytesReceived) / BYTES_PER_MS_MIN)
}

/**
 * Names are a courtesy, and have a time of their own: a device that does not tell them loses no punch by it. Unless the log
 * cannot be understood without them.
 */
async function readPeople(
  contact: Contact,
  told: { isNeeded: boolean },
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<void> {
  const { device, zone } = contact
  const { clock, log: lines } = parts.base
  using deadline = startDeadline(clock, {
    ms: PEOPLE_BUDGET_MS,
    parent: signal,
    onExpiry: () => new ConnectionError('TIME_BUDGET_SPENT', 'the device took too long to tell its people'),
  })
  try {
    const { people, seenFrom, seenUntil } = await contact.open.readPeople(deadline.signal)
    const nowLocal = zone.localTimeAt(clock.now())
    await parts.store.people.record(device.id, people, { from: seenFrom ?? nowLocal, until: seenUntil ?? nowLocal })
  } catch (error) {
    if (told.isNeeded || signal.aborted) throw error
    lines.warn(`Device ${device.name} - the names of its people could not be read: ${asRollcallError(error).message}`)
  }
}

/** What is written down of a failure. To be ended by a person is no failure of the device. */
function writtenError(error: unknown, signal: AbortSignal): RollcallError {
  if (error instanceof RollcallError || !signal.aborted) return asRollcallError(error)
  return new RollcallError('RUN_INTERRUPTED', 'the run was ended before it was done', { cause: error })
}
