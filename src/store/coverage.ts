import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import type { CoverageProof, CoverageSpan, CoverageStore, Lease } from '../model/store.ts'
import { writeStanding } from './device-standing.ts'
import type { Engine } from './engine.ts'
import { tell } from './feed.ts'
import { instantFrom, instantText } from './instants.ts'
import { assertLease } from './leases.ts'
import type { CoverageSpanRow, Tables } from './tables.ts'

export class SqlCoverage implements CoverageStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>

  constructor(engine: Engine, clock: Pick<Clock, 'now'>) {
    this.#engine = engine
    this.#kysely = engine.kysely
    this.#clock = clock
  }

  async spans(deviceId: number): Promise<CoverageSpan[]> {
    const rows = await this.#kysely
      .selectFrom('coverage_spans')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('id')
      .execute()
    return rows.map(spanFrom)
  }

  async lengthen(lease: Lease, atMs: number): Promise<void> {
    await this.#engine.transaction(async transaction => {
      await assertLease(transaction, lease)
      const last = await lastSpan(transaction, lease.deviceId)
      const at = instantText(atMs)
      if (last && at > last.proven_until) await updateSpan(transaction, last.id, { proven_until: at })
      const now = this.#clock.now()
      const standing = { last_synced_at: instantText(now), last_error: null }
      const { isErrorOther } = await writeStanding(transaction, lease.deviceId, standing)
      if (isErrorOther) await tell(transaction, [{ kind: 'device', deviceId: lease.deviceId }], now)
    })
  }
}

/**
 * Takes in what a run proved. A span that the log did not go on from is cut back to where its records were last seen: a
 * counter that did not move since proves nothing once the log turns out to be another. The new one begins no earlier.
 */
export async function writeCoverage(
  transaction: Transaction<Tables>,
  deviceId: number,
  proof: CoverageProof,
): Promise<void> {
  const last = await lastSpan(transaction, deviceId)
  const at = instantText(proof.atMs)
  if (last && proof.continues) {
    const columns = {
      proven_until: later(last.proven_until, at),
      ...(proof.isSeen ? { seen_until: later(last.seen_until, at) } : {}),
    }
    await updateSpan(transaction, last.id, columns)
    return
  }
  if (last) await updateSpan(transaction, last.id, { proven_until: last.seen_until })
  const from = later(instantText(proof.fromMs), last?.seen_until ?? '')
  await transaction
    .insertInto('coverage_spans')
    .values({
      device_id: deviceId,
      proven_from: from < at ? from : at,
      proven_until: at,
      seen_until: at,
      because: proof.because,
    })
    .execute()
}

async function lastSpan(transaction: Transaction<Tables>, deviceId: number): Promise<CoverageSpanRow | undefined> {
  return transaction
    .selectFrom('coverage_spans')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

async function updateSpan(
  transaction: Transaction<Tables>,
  id: number,
  columns: { proven_until?: string; seen_until?: string },
): Promise<void> {
  await transaction.updateTable('coverage_spans').set(columns).where('id', '=', id).execute()
}

function later(a: string, b: string): string {
  return a > b ? a : b
}

export function spanFrom(row: CoverageSpanRow): CoverageSpan {
  return {
    provenFrom: instantFrom(row.proven_from),
    provenUntil: instantFrom(row.proven_until),
    seenUntil: instantFrom(row.seen_until),
    because: row.because,
  }
}
