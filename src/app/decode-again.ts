import { StoreError } from '../base/errors.ts'
import {
  carriesOnlyUid,
  type LayoutName,
  layoutsOfSize,
  parseLayoutName,
  recordBytes,
} from '../codec/binary/attendance-record.ts'
import { isAttendanceEventLength } from '../codec/binary/realtime-event.ts'
import { punchBatches } from '../drivers/poll/punches.ts'
import type { DecodedAgainJson } from '../http/api/quarantine.ts'
import { quarantinedRecordJson } from '../http/views.ts'
import type { Device } from '../model/device.ts'
import { type AttendanceLog, type Punch, QUARANTINE_REASONS, type QuarantineReason } from '../model/punch.ts'
import type { KeptRecord } from '../model/quarantine-store.ts'
import { ZoneTable } from '../sync/zone-table.ts'
import { zonedPunch } from '../sync/zoned-batches.ts'
import { AttendanceViewer } from './attendance-view.ts'
import { leaseForPerson } from './device-lease.ts'
import { recordFields } from './explain-punch.ts'
import { punchStateWord, verifyModeWord } from './punch-words.ts'
import type { Rollcall } from './rollcall.ts'

type Parts = Pick<Rollcall, 'store' | 'base' | 'holder'>

/** What a record is by the rules of this version, and the attendance log that it became, is, or has to leave its second to. */
interface Decoded {
  readonly outcome: DecodedAgainJson['outcome']
  readonly sentence: string
  readonly layout: LayoutName | null
  readonly log: AttendanceLog | null
}

/**
 * Decodes a quarantined record as a read of today would. What is a punch after all is stored as that read would store it, under
 * the lease of its device, and its record is dismissed with a note. The record itself stays, whatever comes of it.
 *
 * @throws StoreError `NOT_FOUND`; `LEASE_HELD` while others speak with the device; the reason of `signal`.
 */
export async function decodeAgain(
  rollcall: Parts,
  request: { id: number; by: string },
  signal: AbortSignal,
): Promise<DecodedAgainJson> {
  const { store } = rollcall
  const record = await store.quarantine.get(request.id)
  const device = await store.devices.get(record.deviceId)
  const decoded = await decode(rollcall, { record, device }, signal)
  const { outcome, sentence, layout, log } = decoded
  if (log !== null && (outcome === 'stored' || outcome === 'duplicate')) {
    const note = `${outcome === 'stored' ? 'became' : 'is'} attendance log ${log.id}`
    await store.quarantine.dismiss({ ids: [record.id], by: request.by, note })
  }
  return {
    outcome,
    sentence,
    record: quarantinedRecordJson(await store.quarantine.get(record.id), device.name),
    attendance_log: log === null ? null : await new AttendanceViewer(store).view(log),
    layout,
    fields: layout === null ? null : recordFields(record.raw, layout),
  }
}

async function decode(
  rollcall: Parts,
  { record, device }: { record: KeptRecord; device: Device },
  signal: AbortSignal,
): Promise<Decoded> {
  const { store } = rollcall
  const checkpoint = await store.punches.checkpoint(device.id)
  const known = checkpoint?.layout == null ? null : parseLayoutName(checkpoint.layout)
  const layout = layoutOf(record.raw, known)
  if ('why' in layout) return { outcome: 'undecodable', sentence: layout.why, layout: null, log: null }
  const people = carriesOnlyUid(layout.name) ? await store.people.spans(device.id) : []
  const judged = judge(record.raw, { layout: layout.name, people })
  if (typeof judged === 'string') {
    const sentence = `By the layout ${layout.name} it cannot be a punch: ${QUARANTINE_REASONS[judged]}.`
    return { outcome: 'quarantined', sentence, layout: layout.name, log: null }
  }
  const { isNew, log } = await keep(rollcall, { punch: judged, device }, signal)
  return { ...told(judged, log, isNew), layout: layout.name, log }
}

/** The layout that the device is known to have, or else the only one of this length; two that fit are not chosen between. */
function layoutOf(raw: Uint8Array, known: LayoutName | null): { name: LayoutName } | { why: string } {
  if (known !== null && recordBytes(known) === raw.length) return { name: known }
  const its = `Its ${raw.length} bytes`
  if (isAttendanceEventLength(raw.length)) {
    const why = 'are as long as a live event, which is no record of the log'
    return { why: `${its} ${why}. The log of the device holds the same punch: a sync reads and stores it.` }
  }
  const [name, other] = layoutsOfSize(raw.length)
  if (name === undefined) return { why: `${its} fit no layout of records that is known.` }
  if (other === undefined) return { name }
  return {
    why: `${its} fit the layouts ${name} and ${other}, and it is not known which the device has: sync it, and try again.`,
  }
}

/** By the code that every read goes through: nothing else decides what is a punch. */
function judge(
  raw: Uint8Array,
  options: Pick<Parameters<typeof punchBatches>[1], 'layout' | 'people'>,
): Punch | QuarantineReason {
  const [batch] = punchBatches(raw, { ...options, size: 1 })
  const [punch] = batch?.punches ?? []
  const [aside] = batch?.quarantined ?? []
  if (punch) return punch
  if (aside) return aside.reason
  throw new Error('a record of the length of its layout is a punch or is set aside')
}

/** The attendance log that has the key of the punch, stored now where there was none. */
async function keep(
  rollcall: Parts,
  { punch, device }: { punch: Punch; device: Device },
  signal: AbortSignal,
): Promise<{ isNew: boolean; log: AttendanceLog }> {
  const { store } = rollcall
  const key = { deviceId: device.id, userId: punch.userId, localTime: punch.localTime }
  const holder = await store.logs.find(key)
  if (holder) return { isNew: false, log: holder }
  await using kept = await leaseForPerson(rollcall, device, { onWait: () => {} }, signal)
  const punches = [zonedPunch(punch, new ZoneTable(device.timezone))]
  // Of a record that lay here for long, nobody knows how the clock stood.
  const origin = { lease: kept.lease, runId: null, source: 'poll', driftSeconds: null } as const
  const { inserted } = await store.punches.commit({ ...origin, punches, quarantined: [] })
  const log = await store.logs.find(key)
  if (!log) throw new StoreError('NOT_FOUND', `the device ${device.id} was removed a moment ago`)
  return { isNew: inserted > 0, log }
}

function told(punch: Punch, log: AttendanceLog, isNew: boolean): Pick<Decoded, 'outcome' | 'sentence'> {
  const what = `a punch of user ${punch.userId} at ${punch.localTime}`
  if (isNew) {
    return {
      outcome: 'stored',
      sentence: `By the layout ${punch.layout} it is ${what}, and attendance log ${log.id} now.`,
    }
  }
  const isSame =
    log.punchState === punch.punchState && log.verifyMode === punch.verifyMode && log.workCode === punch.workCode
  if (isSame) return { outcome: 'duplicate', sentence: `It is ${what}, which is attendance log ${log.id} already.` }
  const codes = ({ punchState, verifyMode, workCode }: Pick<Punch, 'punchState' | 'verifyMode' | 'workCode'>) =>
    `${punchStateWord(punchState)}, ${verifyModeWord(verifyMode)}${workCode === 0 ? '' : `, work code ${workCode}`}`
  const sentence =
    `It would be ${what} (${codes(punch)}), but attendance log ${log.id} is of the same person and second ` +
    `(${codes(log)}): one person punches once in a second, and the first one is stored.`
  return { outcome: 'quarantined', sentence }
}
