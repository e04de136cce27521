import {
  decodeAttendanceRecord,
  type LayoutName,
  parseLayoutName,
  recordBytes,
} from '../codec/binary/attendance-record.ts'
import { PackedTimeFormatter } from '../codec/binary/packed-time.ts'
import type { ExplanationJson } from '../http/api/attendance.ts'
import { deviceJson, syncRunJson } from '../http/views.ts'
import type { Device } from '../model/device.ts'
import type { AttendanceLog, PunchSource } from '../model/punch.ts'
import type { Store } from '../model/store.ts'
import { AttendanceViewer } from './attendance-view.ts'
import { punchStateWord, verifyModeWord } from './punch-words.ts'
import { driftText } from './span-words.ts'

type Fields = NonNullable<ExplanationJson['record']['fields']>

const SOURCES: Readonly<Record<PunchSource, string>> = {
  poll: 'Read from the log of the device.',
  live: 'Told by the device as it happened; the log of the device has it as well.',
  push: 'Posted by the device.',
}

/** Where a punch comes from, from its bytes on. @throws StoreError `NOT_FOUND`. */
export async function explainPunch(
  store: Pick<Store, 'devices' | 'people' | 'logs'>,
  id: number,
): Promise<ExplanationJson> {
  const { log, run } = await store.logs.get(id)
  const [device] = await store.devices.list({ ids: [log.deviceId] })
  return {
    attendance_log: await new AttendanceViewer(store).view(log),
    device: device ? deviceJson(device) : null,
    record: {
      layout: log.recordLayout,
      length_bytes: log.rawRecord.length / 2,
      raw: log.rawRecord,
      fields: fieldsOf(log),
    },
    time: timeOf(log, device),
    clock: clockOf(log),
    source: { source: log.source, sentence: SOURCES[log.source] },
    run: run ? syncRunJson(run) : null,
  }
}

/** The bytes decoded anew, by the layout that was proven then. */
function fieldsOf(log: AttendanceLog): Fields | null {
  const layout = parseLayoutName(log.recordLayout)
  return layout === null ? null : recordFields(Uint8Array.fromHex(log.rawRecord), layout)
}

/** The fields of a record, each in words too; null where the bytes are none of that layout. */
export function recordFields(raw: Uint8Array, layout: LayoutName): Fields | null {
  if (recordBytes(layout) !== raw.length) return null
  const record = decodeAttendanceRecord(raw, layout)
  const time = new PackedTimeFormatter().text(record.packedTime)
  return [
    { name: 'uid', value: record.uid, meaning: 'the slot on the device, or a running number; never an identity' },
    {
      name: 'user_id',
      value: record.userId,
      meaning: record.userId === '' ? 'the layout carries the slot alone' : null,
    },
    { name: 'packed_time', value: record.packedTime, meaning: time },
    { name: 'punch_state', value: record.punchState, meaning: punchStateWord(record.punchState) },
    { name: 'verify_mode', value: record.verifyMode, meaning: verifyModeWord(record.verifyMode) },
    { name: 'work_code', value: record.workCode, meaning: null },
  ]
}

function timeOf(log: AttendanceLog, device: Device | undefined): ExplanationJson['time'] {
  const offset = offsetOf(log)
  const because = {
    repeated: 'This local time came twice, since clocks were set back; docs/decisions/local-time.md has the rule.',
    skipped:
      'This local time does not exist, since clocks were set forward; docs/decisions/local-time.md has the rule.',
  }
  const plain = `The device said ${log.localTime}, which is UTC${offset} there.`
  return {
    local_time: log.localTime,
    timezone: device?.timezone ?? null,
    utc_offset: offset,
    punched_at: log.punchedAt,
    sentence: log.timeNote === null ? plain : `${plain} ${because[log.timeNote]}`,
  }
}

/** The offset that was applied, whatever the zone of the device is by now. */
function offsetOf(log: AttendanceLog): string {
  const localMs = Date.parse(`${log.localTime.replace(' ', 'T')}Z`)
  const minutes = Math.round((localMs - Date.parse(log.punchedAt)) / 60_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const sign = minutes < 0 ? '-' : '+'
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

function clockOf({ clockDriftSeconds }: AttendanceLog): ExplanationJson['clock'] {
  if (clockDriftSeconds === null) return { drift_s: null, sentence: 'The clock of the device was not known then.' }
  return {
    drift_s: clockDriftSeconds,
    sentence: `At the contact that brought it, the clock of the device was ${driftText(clockDriftSeconds)}.`,
  }
}
