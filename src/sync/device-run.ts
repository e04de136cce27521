import type { Base } from '../base/base.ts'
import { type Deadline, startDeadline } from '../base/clock.ts'
import { asRollcallError, ConnectionError, DeviceError, RollcallError } from '../base/errors.ts'
import type { Device, DeviceIdentity } from '../model/device.ts'
import type { DeviceDriver, LogRead, OpenDevice, ReadProgress } from '../model/device-driver.ts'
import type { QuarantinedRecord, ZonedPunch } from '../model/punch.ts'
import type { Checkpoint, DeviceStore, Lease, PunchCommit, RunOutcome, Store } from '../model/store.ts'
import { ZoneTable } from './zone-table.ts'
import { type ZonedBatch, zonedBatches } from './zoned-batches.ts'

/** To reach, greet and identify a device, and again after each slice of its log. Covers the slowest answers seen. */
const BUDGET_MS = 120_000
/** Names come after the log is safely here; this is what they may cost. */
const PEOPLE_BUDGET_MS = 90_000
/** The slowest link on which a log is still read: a fifth of the slowest device known. */
const BYTES_PER_MS_MIN = 4
/**
 * Records a transaction. In SQLite each transaction writes the pages of four indexes anew, so small ones cost twice the time of
 * large ones (bench/store-insert.ts); this one lasts some 50 ms, for which other writers and timers can wait.
 */
const TRANSACTION_ROWS = 5_000
/** Records decoded at a time: so few that they are garbage while still young, and the heap stays small (bench, memory). */
const DECODED_ROWS = 100

export interface DeviceRunParts {
  readonly store: Store
  readonly driver: DeviceDriver
  readonly base: Base
  /** Whether names are to be read along; read anyway where records carry slots. */
  readonly people: 'read' | 'skip'
  readonly onProgress: (progress: ReadProgress) => void
}

/**
 * One run: reads the whole log of one device, whose lease is held, and stores what is new. The checkpoint moves in the
 * transaction of the last rows and never before. However it ends, the device is told goodbye, and `sync_runs` tells the truth.
 *
 * @returns the outcome as stored; its status is `failed` with `COUNT_MISMATCH` when the counter contradicts: the punches are
 * stored all the same, the checkpoint stays.
 * @throws what went wrong; the run then stands as failed.
 */
export async function runDevice(
  device: Device,
  lease: Lease,
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { store } = parts
  const runId = await store.punches.beginRun(lease, 'full')
  try {
    const read = await readDevice(device, parts, signal)
    return await storeRead(device, { lease, runId, read }, parts, signal)
  } catch (error) {
    const told = writtenError(error, signal)
    const outcome = { ...NOTHING, error: { code: told.code, message: told.message } }
    // The run's error matters more than a second one; the row then keeps saying that the run was interrupted.
    await store.punches.finish({ lease, runId, outcome, checkpoint: null }).catch(() => {})
    throw error
  }
}

interface DeviceRead {
  readonly log: LogRead
  /** Where this read leaves the device, if its count is explained. */
  readonly checkpoint: Checkpoint
}

/** Everything that needs the device. When it returns, the conversation is over. */
async function readDevice(device: Device, parts: DeviceRunParts, signal: AbortSignal): Promise<DeviceRead> {
  const { store, driver, base } = parts
  const commKey = await store.devices.commKey(device.id)
  using deadline = startDeadline(base.clock, {
    ms: BUDGET_MS,
    parent: signal,
    onExpiry: () =>
      new ConnectionError(
        'TIME_BUDGET_SPENT',
        `the device at ${device.host}:${device.port} took longer than its time budget`,
      ),
  })
  await using open = await driver.open(device, commKey, deadline.signal)
  const { identity } = open
  refuseStranger(device, identity)
  await refuseTwin(device, identity, store.devices)
  await store.devices.recordIdentity(device.id, identity)
  const checkpoint = await store.punches.checkpoint(device.id)
  const rememberedLayout = checkpoint?.firmware === identity.firmware ? checkpoint.layout : null
  const log = await open.readLog(
    {
      rememberedLayout,
      onProgress: progress => {
        extend(deadline, progress)
        parts.onProgress(progress)
      },
    },
    deadline.signal,
  )
  deadline.extend(BUDGET_MS)
  if (log.needsPeople || parts.people === 'read') await readPeople(device, open, log, parts, deadline.signal)
  const { recordCount, counterAfter: counter } = log
  // An empty log proves no layout and disproves none.
  const layout = log.layout ?? rememberedLayout
  return { log, checkpoint: { recordCount, counter, layout, firmware: identity.firmware } }
}

/** A log in motion gets the time it needs at the slowest bearable speed; one that stands still does not. */
function extend(deadline: Deadline, progress: ReadProgress): void {
  deadline.extend(BUDGET_MS + (progress.bytesTotal - progress.bytesReceived) / BYTES_PER_MS_MIN)
}

function refuseStranger(device: Device, identity: DeviceIdentity): void {
  const { serialNumber: known } = device
  if (known === null || known === identity.serialNumber) return
  const told =
    identity.serialNumber === null ? 'a device that tells no serial number' : `serial number ${identity.serialNumber}`
  throw new DeviceError(
    'SERIAL_MISMATCH',
    `${told} answers at ${device.host}:${device.port}, where serial number ${known} is expected`,
  )
}

/** Under two entries one device would be spoken to twice at a time, and each punch stored once for each of them. */
async function refuseTwin(device: Device, identity: DeviceIdentity, devices: DeviceStore): Promise<void> {
  if (identity.serialNumber === null) return
  const others = await devices.list({ active: true })
  const twin = others.find(other => other.id < device.id && other.serialNumber === identity.serialNumber)
  if (!twin) return
  throw new DeviceError(
    'DEVICE_TWICE',
    `serial number ${identity.serialNumber} at ${device.host}:${device.port} is device ${twin.id} (${twin.name}) already`,
  )
}

/**
 * Names are a courtesy, and have a time of their own: a device that does not tell them loses no punch by it. Unless the log
 * cannot be understood without them.
 */
async function readPeople(
  device: Device,
  open: OpenDevice,
  log: LogRead,
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log: lines } = parts.base
  using deadline = startDeadline(clock, {
    ms: PEOPLE_BUDGET_MS,
    parent: signal,
    onExpiry: () => new ConnectionError('TIME_BUDGET_SPENT', 'the device took too long to tell its people'),
  })
  try {
    const { people, seenFrom, seenUntil } = await open.readPeople(deadline.signal)
    const nowLocal = new ZoneTable(device.timezone).localTimeAt(clock.now())
    await parts.store.people.record(device.id, people, { from: seenFrom ?? nowLocal, until: seenUntil ?? nowLocal })
  } catch (error) {
    if (log.needsPeople || signal.aborted) throw error
    lines.warn(`Device ${device.name} - the names of its people could not be read: ${asRollcallError(error).message}`)
  }
}

async function storeRead(
  device: Device,
  run: { lease: Lease; runId: number; read: DeviceRead },
  parts: DeviceRunParts,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { punches: store, people } = parts.store
  const { lease, runId, read } = run
  const { log } = read
  const spans = log.needsPeople ? await people.spans(device.id) : []
  const batches = zonedBatches(log.batches({ size: DECODED_ROWS, people: spans }), new ZoneTable(device.timezone))
  const transactions = Math.max(1, Math.ceil(log.recordCount / TRANSACTION_ROWS))
  let inserted = 0
  for (let n = 1; n < transactions; n++) {
    const portion = portionOf(batches, TRANSACTION_ROWS)
    inserted += (await store.commit({ lease, runId, source: 'poll', ...portion })).inserted
    // The store may be synchronous: only a timer lets sockets, other timers and the signal have their turn.
    await parts.base.clock.sleep(0, signal)
  }
  // The last rows go with the checkpoint.
  const last: PunchCommit = { lease, runId, source: 'poll', ...portionOf(batches, Number.POSITIVE_INFINITY) }
  const isExplained = log.countProof !== 'mismatch'
  const outcome: RunOutcome = {
    ...NOTHING,
    status: isExplained ? 'ok' : 'failed',
    recordsOnDevice: log.recordCount,
    counterBefore: log.counterBefore,
    counterAfter: log.counterAfter,
    countProof: log.countProof,
    received: log.recordCount,
    inserted,
    bytes: log.bytesReceived,
    error: isExplained ? null : countMismatch(log),
  }
  return await store.finish({ lease, runId, outcome, checkpoint: isExplained ? read.checkpoint : null }, last)
}

/** So many of the coming records, as one batch: they are decoded while the store goes through them. */
function portionOf(
  batches: Iterator<ZonedBatch>,
  rows: number,
): { punches: Iterable<ZonedPunch>; quarantined: Iterable<QuarantinedRecord> } {
  const quarantined: QuarantinedRecord[] = []
  function* punches(): Generator<ZonedPunch> {
    let taken = 0
    while (taken < rows) {
      const next = batches.next()
      if (next.done) return
      const batch = next.value
      for (const record of batch.quarantined) quarantined.push(record)
      yield* batch.punches
      taken += batch.punches.length + batch.quarantined.length
    }
  }
  return { punches: punches(), quarantined }
}

function countMismatch(log: LogRead): RunOutcome['error'] {
  const { counterBefore, counterAfter, recordCount } = log
  return {
    code: 'COUNT_MISMATCH',
    message: `${recordCount} records were read, but the device counted ${counterBefore ?? 'nothing'} before and ${counterAfter ?? 'nothing'} after`,
  }
}

const NOTHING: RunOutcome = {
  mode: 'full',
  status: 'failed',
  recordsOnDevice: null,
  counterBefore: null,
  counterAfter: null,
  countProof: null,
  received: 0,
  inserted: 0,
  duplicates: 0,
  quarantined: 0,
  bytes: 0,
  error: null,
}

/** What is written down of a failure. To be ended by a person is no failure of the device. */
function writtenError(error: unknown, signal: AbortSignal): RollcallError {
  if (error instanceof RollcallError || !signal.aborted) return asRollcallError(error)
  return new RollcallError('RUN_INTERRUPTED', 'the run was ended before it was done', { cause: error })
}
