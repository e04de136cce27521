import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { AuditEntry, AuditStore } from '../model/accounts.ts'
import type { Engine } from './engine.ts'
import { instantFrom, instantText } from './instants.ts'
import type { AuditEntryRow, Tables } from './tables.ts'

export class SqlAudit implements AuditStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async record(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void> {
    const { who, action, subject, details } = entry
    const row = {
      created_at: instantText(this.#clock.now()),
      who,
      action,
      subject,
      details: JSON.stringify(details),
    }
    await this.#engine.transaction(transaction => transaction.insertInto('audit_entries').values(row).execute())
  }

  async list(page: { limit: number; before?: number }): Promise<AuditEntry[]> {
    let query = this.#kysely.selectFrom('audit_entries').selectAll()
    if (page.before !== undefined) query = query.where('id', '<', page.before)
    return (await query.orderBy('id', 'desc').limit(page.limit).execute()).map(entryFrom)
  }
}

function entryFrom(row: AuditEntryRow): AuditEntry {
  return {
    id: row.id,
    at: instantFrom(row.created_at),
    who: row.who,
    action: row.action,
    subject: row.subject,
    details: JSON.parse(row.details) as AuditEntry['details'],
  }
}
