import { StoreError } from '../base/errors.ts'
import { asCopied, keyOf, measure, readKeys, readRows, rowText, TableChecksum, textsByKey } from './copy-rows.ts'
import { anyTable, COPIED_TABLES, type CopiedTable, NUMBERED_TABLES, type Row, type TableName } from './copy-tables.ts'
import type { Engine } from './engine.ts'

/**
 * Rows of one transaction. Each takes a parameter for each of its columns, 23 at most, and SQLite takes 32,766 of them in a statement;
 * so many rows are inserted in some ten milliseconds, and are all that a kill costs.
 */
const ROWS_A_PAGE = 500
/** A MySQL server takes statements of 16 MB, unless told otherwise; texts of errors can be long, and are escaped. */
const BYTES_A_STATEMENT = 4_000_000
/** Rows, or keys alone, of one look. */
const ROWS_A_LOOK = 2_000
/** More than a source that is used by mistake tells before that is noticed. */
const POSITIONS_APART = 1_000_000
/** How often what differs at the proof is brought in line. Where that is in vain, somebody writes to the source all the time. */
const ROUNDS = 3

/** The two ends of a copy. */
export interface CopyEnds {
  readonly from: Engine
  readonly to: Engine
}

export interface CopyHooks {
  /** After each page: whoever waits has its turn, and what it throws ends the copy, which can be begun again. */
  pause(): Promise<void>
  onProgress(progress: CopyProgress): void
}

export interface CopyProgress {
  readonly stage: 'copy' | 'prove'
  readonly table: TableName
  /** Rows of this table that are done in this stage, and those it has. */
  readonly done: number
  readonly rows: number
}

/** One table on both sides. */
export interface TableProof {
  readonly table: TableName
  readonly from: Side
  readonly to: Side
  readonly isEqual: boolean
}

export interface Side {
  readonly rows: number
  readonly checksum: string
}

/**
 * Makes the target hold what the source holds, and proves it. Whatever an earlier copy left there is gone on with: of the tables that
 * grow after the last row, of the others by a look at each row. What changed in the source since is caught up.
 */
export async function copyTables(ends: CopyEnds, hooks: CopyHooks): Promise<readonly TableProof[]> {
  for (const table of COPIED_TABLES) await bring(table, ends, hooks)
  let proofs = await proveAll(ends, hooks)
  for (let round = 1; round < ROUNDS && proofs.some(proof => !proof.isEqual); round++) {
    const different = proofs.filter(proof => !proof.isEqual).map(proof => proof.table)
    for (const table of COPIED_TABLES.filter(({ name }) => different.includes(name))) await align(table, ends, hooks)
    proofs = await proveAll(ends, hooks)
  }
  return proofs
}

/** New rows of the target get ids above all that the source has ever given out, rows that are gone included. */
export async function carryIdsOn({ from, to }: CopyEnds): Promise<void> {
  for (const table of NUMBERED_TABLES) await to.raiseLastId(table, await from.lastId(table))
}

/** The tables that are not empty, with the numbers of their rows. */
export async function filledTables(engine: Engine): Promise<ReadonlyArray<{ table: TableName; rows: number }>> {
  const counts = []
  for (const table of COPIED_TABLES) {
    const { rows } = await measure(engine.kysely, table)
    if (rows > 0) counts.push({ table: table.name, rows })
  }
  return counts
}

/**
 * The feed of the target goes on far above that of the source, empty: a page that stays open across the switch sees positions that only
 * grow, and that it missed some, also where the source told more after it was copied. May be repeated.
 */
export async function carryFeedOn({ from, to }: CopyEnds): Promise<void> {
  const { position } = await from.kysely.selectFrom('feed_head').select('position').executeTakeFirstOrThrow()
  const next = position + POSITIONS_APART
  await to.transaction(async transaction => {
    await transaction.updateTable('feed_head').set({ position: next }).where('position', '<', next).execute()
    await transaction.deleteFrom('feed_waiting').execute()
    await transaction.deleteFrom('feed').execute()
  })
}

async function bring(table: CopiedTable, ends: CopyEnds, hooks: CopyHooks): Promise<void> {
  const present = await measure(ends.to.kysely, table)
  if (table.habit === 'grows' && present.rows > 0) {
    // As many rows up to there on both sides: nothing was removed meanwhile. What changed is found by the proof.
    const { rows } = await measure(ends.from.kysely, table, present.lastKey)
    if (rows === present.rows) return copyAfter(present.lastKey, table, ends, hooks)
  }
  await align(table, ends, hooks)
}

/** Looks at every row, wherever an earlier copy has ended. */
async function align(table: CopiedTable, ends: CopyEnds, hooks: CopyHooks): Promise<void> {
  // First, since a row that is gone may hold the place of a new one in a unique index.
  await removeSurplus(table, ends, hooks)
  await copyAfter(0, table, ends, hooks)
}

async function removeSurplus(table: CopiedTable, { from, to }: CopyEnds, hooks: CopyHooks): Promise<void> {
  for (let after = 0; ; ) {
    const keys = await readKeys(to.kysely, table, { after, limit: ROWS_A_LOOK })
    const last = keys.at(-1)
    if (last === undefined) return
    const there = new Set(await readKeys(from.kysely, table, { after, until: last }))
    const surplus = keys.filter(key => !there.has(key))
    if (surplus.length > 0) {
      await to.transaction(transaction =>
        anyTable(transaction).deleteFrom(table.name).where(table.key, 'in', surplus).execute(),
      )
    }
    after = last
    await hooks.pause()
  }
}

async function copyAfter(start: number, table: CopiedTable, { from, to }: CopyEnds, hooks: CopyHooks): Promise<void> {
  // No further than the source reaches now: it could grow as fast as it is copied.
  const { rows, lastKey } = await measure(from.kysely, table)
  let { rows: done } = start === 0 ? { rows: 0 } : await measure(from.kysely, table, start)
  for (let after = start; ; ) {
    hooks.onProgress({ stage: 'copy', table: table.name, done, rows })
    const page = (await readRows(from.kysely, table, { after, until: lastKey, limit: ROWS_A_PAGE })).map(row =>
      asCopied(table, row),
    )
    const last = page.at(-1)
    if (last === undefined) return
    const until = keyOf(table, last)
    const present = await readRows(to.kysely, table, { after, until })
    await writeDifference(table, { page, present }, to)
    after = until
    done += page.length
    await hooks.pause()
  }
}

async function writeDifference(
  table: CopiedTable,
  { page, present }: { page: readonly Row[]; present: readonly Row[] },
  to: Engine,
): Promise<void> {
  const known = textsByKey(table, present)
  const wanted = textsByKey(table, page)
  const missing = page.filter(row => !known.has(keyOf(table, row)))
  const changed = page.filter(row => {
    const key = keyOf(table, row)
    return known.has(key) && known.get(key) !== wanted.get(key)
  })
  if (missing.length + changed.length === 0) return
  try {
    await to.transaction(async transaction => {
      const tables = anyTable(transaction)
      if (isNamedByOthers(table)) {
        // Deleted, a device would take with it all that names it, and an account who has signed in.
        for (const row of changed)
          await tables.updateTable(table.name).set(row).where(table.key, '=', keyOf(table, row)).execute()
      } else if (changed.length > 0) {
        const keys = changed.map(row => keyOf(table, row))
        await tables.deleteFrom(table.name).where(table.key, 'in', keys).execute()
      }
      const fresh = isNamedByOthers(table) ? missing : [...changed, ...missing]
      for (const part of partsOf(table, fresh))
        await tables
          .insertInto(table.name)
          .values([...part])
          .execute()
    })
  } catch (error) {
    throw toldOf(error, table, page)
  }
}

function isNamedByOthers(table: CopiedTable): boolean {
  return table.name === 'devices' || table.name === 'accounts'
}

/** Rows of one statement. */
function* partsOf(table: CopiedTable, rows: readonly Row[]): Generator<readonly Row[]> {
  let part: Row[] = []
  let bytes = 0
  for (const row of rows) {
    const length = Buffer.byteLength(rowText(table, row))
    if (part.length > 0 && bytes + length > BYTES_A_STATEMENT) {
      yield part
      part = []
      bytes = 0
    }
    part.push(row)
    bytes += length
  }
  if (part.length > 0) yield part
}

function toldOf(error: unknown, table: CopiedTable, page: readonly Row[]): unknown {
  if (!(error instanceof StoreError) || error.code === 'STORE_UNREACHABLE') return error
  const ends = [page.at(0), page.at(-1)].map(row => (row ? keyOf(table, row) : 0))
  const where = `${table.name}, ${table.key} ${ends.join(' to ')}`
  // A device that came after the devices were copied.
  if (error.code === 'NOT_FOUND') {
    return new StoreError('DATABASE_IN_USE', `the source is written meanwhile: ${where} name a new device`, {
      cause: error,
    })
  }
  return new StoreError(error.code, `${where}: ${error.message}`, { cause: error })
}

async function proveAll(ends: CopyEnds, hooks: CopyHooks): Promise<TableProof[]> {
  const proofs = []
  for (const table of COPIED_TABLES) {
    const before = await measure(ends.from.kysely, table)
    const until = Math.max(before.lastKey, (await measure(ends.to.kysely, table)).lastKey)
    const tell = (done: number) =>
      hooks.onProgress({ stage: 'prove', table: table.name, done, rows: Math.max(before.rows, done) })
    const from = await sideOf(table, ends.from, { ...hooks, until, tell, asProven: row => asCopied(table, row) })
    const to = await sideOf(table, ends.to, { ...hooks, until, tell: () => {}, asProven: row => row })
    // What came above while it was compared is a difference, too.
    const { rows } = await measure(ends.from.kysely, table)
    const isEqual = from.checksum === to.checksum && rows === from.rows && rows === to.rows
    proofs.push({ table: table.name, from: { ...from, rows }, to, isEqual })
  }
  return proofs
}

async function sideOf(
  table: CopiedTable,
  engine: Engine,
  hooks: Pick<CopyHooks, 'pause'> & { readonly until: number; tell(done: number): void; asProven(row: Row): Row },
): Promise<Side> {
  const checksum = new TableChecksum(table)
  for (let after = 0; ; ) {
    hooks.tell(checksum.rows)
    const rows = await readRows(engine.kysely, table, { after, until: hooks.until, limit: ROWS_A_LOOK })
    const last = rows.at(-1)
    if (last === undefined) return { rows: checksum.rows, checksum: checksum.digest() }
    for (const row of rows) checksum.add(hooks.asProven(row))
    after = keyOf(table, last)
    await hooks.pause()
  }
}
