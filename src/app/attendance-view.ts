import type { AttendanceLog, PunchSource } from '../model/punch.ts'
import type { Store } from '../model/store.ts'
import { punchStateWord, verifyModeWord } from './punch-words.ts'

/** An attendance log with the names that people know, as it leaves Rollcall. The keys are those of the JSON. */
export interface AttendanceView {
  readonly id: number
  readonly device_id: number
  /** Null when the device was removed a moment ago. */
  readonly device: string | null
  readonly device_user_id: string
  /** The name that the device has for this user id; null where it has told none. */
  readonly name: string | null
  readonly punched_at: string
  readonly local_time: string
  readonly time_note: AttendanceLog['timeNote']
  readonly punch_state: number
  readonly punch_state_word: string
  readonly verify_mode: number
  readonly verify_mode_word: string
  readonly work_code: number
  readonly source: PunchSource
  readonly record_layout: string
  /** Lower-case hex. */
  readonly raw_record: string
  readonly created_at: string
  readonly clock_drift_s: number | null
}

/** Names of a device and of its people, by user id. */
export interface Names {
  readonly device: string | null
  readonly people: ReadonlyMap<string, string>
}

/** Adds names to attendance logs. Reads each device and its people once, when the first log of it comes by. */
export class AttendanceViewer {
  readonly #store: Pick<Store, 'devices' | 'people'>
  readonly #names = new Map<number, Promise<Names>>()

  constructor(store: Pick<Store, 'devices' | 'people'>) {
    this.#store = store
  }

  async view(log: AttendanceLog): Promise<AttendanceView> {
    return viewOf(log, await this.#namesOf(log.deviceId))
  }

  #namesOf(deviceId: number): Promise<Names> {
    const known = this.#names.get(deviceId)
    if (known) return known
    const names = readNames(this.#store, deviceId)
    this.#names.set(deviceId, names)
    return names
  }
}

async function readNames(store: Pick<Store, 'devices' | 'people'>, deviceId: number): Promise<Names> {
  const [device] = await store.devices.list({ ids: [deviceId] })
  return { device: device?.name ?? null, people: await readPeople(store, deviceId) }
}

/** Oldest first, so that the newest name of a user id is the one that stays. */
export async function readPeople(store: Pick<Store, 'people'>, deviceId: number): Promise<ReadonlyMap<string, string>> {
  return new Map((await store.people.spans(deviceId)).map(span => [span.userId, span.name]))
}

/** One log as it leaves Rollcall. */
export function viewOf(log: AttendanceLog, { device, people }: Names): AttendanceView {
  return {
    id: log.id,
    device_id: log.deviceId,
    device,
    device_user_id: log.deviceUserId,
    name: people.get(log.deviceUserId) || null,
    punched_at: log.punchedAt,
    local_time: log.localTime,
    time_note: log.timeNote,
    punch_state: log.punchState,
    punch_state_word: punchStateWord(log.punchState),
    verify_mode: log.verifyMode,
    verify_mode_word: verifyModeWord(log.verifyMode),
    work_code: log.workCode,
    source: log.source,
    record_layout: log.recordLayout,
    raw_record: log.rawRecord,
    created_at: log.createdAt,
    clock_drift_s: log.clockDriftSeconds,
  }
}
