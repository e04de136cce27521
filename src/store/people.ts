import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { Person, PersonSpan } from '../model/device.ts'
import type { PeopleStore } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { instantText } from './instants.ts'
import { partsOf } from './parts.ts'
import type { DeviceUserRow, Tables } from './tables.ts'

/** Rows in one statement; SQLite allows 32766 parameters, and the largest statement here takes six a row. */
const ROWS_A_STATEMENT = 1000

export class SqlPeople implements PeopleStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async record(deviceId: number, people: readonly Person[], seen: { from: string; until: string }): Promise<void> {
    await this.#engine.transaction(async transaction => {
      // Two that record at once would each open the same spans.
      await transaction.selectFrom('devices').select('id').where('id', '=', deviceId).forUpdate().execute()
      const newest = new Map<number, DeviceUserRow>()
      for (const row of await selectSpans(transaction, deviceId).orderBy('id').execute()) newest.set(row.uid, row)

      const lengthened: number[] = []
      const opened: Person[] = []
      // A slot holds one person. Should a device name two, the first stands, so that reading again changes nothing.
      const slotsSeen = new Set<number>()
      for (const person of people) {
        if (slotsSeen.has(person.uid)) continue
        slotsSeen.add(person.uid)
        const span = newest.get(person.uid)
        if (span?.user_id !== person.userId) {
          opened.push(person)
          continue
        }
        if (span.last_seen_local < seen.from) lengthened.push(span.id)
        if (span.name !== person.name) await rename(transaction, span.id, person.name)
      }
      await lengthen(transaction, lengthened, seen.from)
      await open(transaction, { deviceId, people: opened, seenLocal: seen.until })
      const readAt = instantText(this.#clock.now())
      await transaction.updateTable('devices').set({ people_read_at: readAt }).where('id', '=', deviceId).execute()
    })
  }

  async spans(deviceId: number): Promise<PersonSpan[]> {
    const rows = await selectSpans(this.#kysely, deviceId).orderBy('first_seen_local').orderBy('id').execute()
    return rows.map(row => ({
      uid: row.uid,
      userId: row.user_id,
      name: row.name,
      firstSeenLocal: row.first_seen_local,
      lastSeenLocal: row.last_seen_local,
    }))
  }
}

function selectSpans(kysely: Kysely<Tables>, deviceId: number) {
  return kysely.selectFrom('device_users').selectAll().where('device_id', '=', deviceId)
}

async function rename(transaction: Transaction<Tables>, id: number, name: string): Promise<void> {
  await transaction.updateTable('device_users').set({ name }).where('id', '=', id).execute()
}

async function lengthen(transaction: Transaction<Tables>, ids: readonly number[], seenLocal: string): Promise<void> {
  for (const part of partsOf(ids, { rows: ROWS_A_STATEMENT })) {
    await transaction.updateTable('device_users').set({ last_seen_local: seenLocal }).where('id', 'in', part).execute()
  }
}

async function open(
  transaction: Transaction<Tables>,
  spans: { deviceId: number; people: readonly Person[]; seenLocal: string },
): Promise<void> {
  const rows = spans.people.map(person => ({
    device_id: spans.deviceId,
    uid: person.uid,
    user_id: person.userId,
    name: person.name,
    first_seen_local: spans.seenLocal,
    last_seen_local: spans.seenLocal,
  }))
  for (const part of partsOf(rows, { rows: ROWS_A_STATEMENT }))
    await transaction.insertInto('device_users').values(part).execute()
}
