import type { Clock } from '../base/clock.ts'
import { StoreError } from '../base/errors.ts'
import type { KeptRecord, QuarantineFilter, QuarantineStore } from '../model/quarantine-store.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import { partsOf } from './parts.ts'
import type { QuarantinedRecordRow } from './tables.ts'

/** Ids in one statement. */
const IDS_A_STATEMENT = 1000

/** What lies in quarantine. `punches.ts` puts it there. */
export class SqlQuarantine implements QuarantineStore {
  readonly #engine: Engine
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#clock = clock
  }

  async page(filter: QuarantineFilter & { limit: number; before?: number }): Promise<KeptRecord[]> {
    const { kysely } = this.#engine
    const { deviceId, state, limit, before } = filter
    let ids = kysely.selectFrom('quarantined_records').select('id').orderBy('id', 'desc').limit(limit)
    if (deviceId !== undefined) ids = ids.where('device_id', '=', deviceId)
    if (state !== undefined) ids = ids.where('dismissed_at', state === 'open' ? 'is' : 'is not', null)
    if (before !== undefined) ids = ids.where('id', '<', before)
    const page = kysely.selectFrom(ids.as('page')).innerJoin('quarantined_records', 'quarantined_records.id', 'page.id')
    const rows = await page.selectAll('quarantined_records').execute()
    return rows.sort((a, b) => b.id - a.id).map(keptRecordFrom)
  }

  async get(id: number): Promise<KeptRecord> {
    const row = await this.#engine.kysely
      .selectFrom('quarantined_records')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw new StoreError('NOT_FOUND', `there is no quarantined record ${id}`)
    return keptRecordFrom(row)
  }

  async dismiss(request: { ids: readonly number[]; by: string; note: string }): Promise<number> {
    const columns = { dismissed_at: instantText(this.#clock.now()), dismissed_by: request.by, note: request.note }
    return this.#engine.transaction(async transaction => {
      let dismissed = 0
      for (const ids of partsOf(request.ids, { rows: IDS_A_STATEMENT })) {
        const { numUpdatedRows } = await transaction
          .updateTable('quarantined_records')
          .set(columns)
          .where('id', 'in', ids)
          .where('dismissed_at', 'is', null)
          .executeTakeFirstOrThrow()
        dismissed += Number(numUpdatedRows)
      }
      return dismissed
    })
  }
}

function keptRecordFrom(row: QuarantinedRecordRow): KeptRecord {
  const { dismissed_at: at, dismissed_by: by, note } = row
  return {
    id: row.id,
    deviceId: row.device_id,
    raw: Uint8Array.fromHex(row.raw),
    reason: row.reason,
    createdAt: instantFrom(row.created_at),
    dismissal: at === null ? null : { at: instantFrom(at), by: by ?? '', note: note ?? '' },
  }
}
