import { existsSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import {
  type CopyHooks,
  type CopyProgress,
  carryFeedOn,
  carryIdsOn,
  copyTables,
  filledTables,
  type TableProof,
} from '../store/copy.ts'
import { type CopyMark, copyMarkOf, markFinished, markUnfinished } from '../store/copy-mark.ts'
import type { Engine } from '../store/engine.ts'
import { type DatabaseConfig, parseDatabaseUrl } from './config.ts'
import { openEngine, shownDatabase } from './database.ts'
import { makeFolder } from './folders.ts'
import type { Rollcall } from './rollcall.ts'
import { StandingSource } from './standing-source.ts'

export type { CopyProgress, TableProof }

/** From where to where, as two different databases. */
export interface CopyRequest {
  readonly from: DatabaseConfig
  readonly to: DatabaseConfig
}

/** @throws ConfigError `CONFIG_INVALID`, which names the option and nothing secret. */
export function readCopyRequest(urls: { from: string; to: string }, workingDirectory: string): CopyRequest {
  const from = readUrl('--from', urls.from, workingDirectory)
  const to = readUrl('--to', urls.to, workingDirectory)
  if (from.engine === 'sqlite' && !existsSync(from.path)) {
    throw new ConfigError('CONFIG_INVALID', `--from names ${shownDatabase(from)}, and there is no such file.`)
  }
  if (placeOf(from) === placeOf(to)) {
    throw new ConfigError('CONFIG_INVALID', '--from and --to name the same database: a copy needs two.')
  }
  return { from, to }
}

/** A copy whose ends are open and checked. While it is open nobody else speaks with a device of the source. */
export interface OpenedCopy extends AsyncDisposable {
  readonly from: string
  readonly to: string
  /** Since when an earlier copy has been unfinished that this one goes on with; null for a first one. */
  readonly goesOnSince: string | null
  /** Rows of the source. */
  readonly rows: number
  /** @throws the reason of `signal` where it fires before the end: what was copied stays, and is gone on with. */
  run(onProgress: (progress: CopyProgress) => void, signal: AbortSignal): Promise<CopyResult>
}

export interface CopyResult {
  readonly tables: readonly TableProof[]
  /** Whether every table is equal. Otherwise the target stays unfinished. */
  readonly isEqual: boolean
}

/**
 * Opens both ends and brings them to the current schema.
 *
 * @throws ConfigError `CONFIG_INVALID` where the target holds something else, and the source nothing of ours; StoreError `DATABASE_IN_USE`
 * where somebody works on the source, and whatever opening a database throws.
 */
export async function openCopy({ from, to }: CopyRequest, base: Rollcall['base']): Promise<OpenedCopy> {
  await using opened = new AsyncDisposableStack()
  const openEnd = async (database: DatabaseConfig, use: 'copy-source' | 'copy-target') => {
    const engine = await openEngine(database, { clock: base.clock, use })
    opened.defer(() => engine.close())
    return engine
  }
  const shown = { from: shownDatabase(from), to: shownDatabase(to) }
  const source = await openEnd(from, 'copy-source')
  if (to.engine === 'sqlite') makeFolder(dirname(to.path))
  const target = await openEnd(to, 'copy-target')
  const mark = await checkTarget(target, shown)
  const standing = opened.use(await StandingSource.take(source, { shown: shown.from, base }))
  const counts = await filledTables(source)
  const parts = { source, target, standing, shown, base, isMarked: mark !== null }
  const owned = opened.move()
  return {
    ...shown,
    goesOnSince: mark?.startedAt ?? null,
    rows: counts.reduce((sum, { rows }) => sum + rows, 0),
    run: (onProgress, signal) => runCopy(parts, onProgress, signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface RunningParts {
  readonly source: Engine
  readonly target: Engine
  readonly standing: StandingSource
  readonly shown: { readonly from: string; readonly to: string }
  readonly base: Rollcall['base']
  readonly isMarked: boolean
}

async function runCopy(
  { source, target, standing, shown, base, isMarked }: RunningParts,
  onProgress: CopyHooks['onProgress'],
  signal: AbortSignal,
): Promise<CopyResult> {
  const { clock, log } = base
  signal.throwIfAborted()
  if (!isMarked) await markUnfinished(target, shown.from, clock.now())
  const ends = { from: source, to: target }
  const tables = await copyTables(ends, {
    onProgress,
    async pause() {
      await standing.hold()
      // An engine may be synchronous: only a timer lets the signal have its turn.
      await clock.sleep(0)
      signal.throwIfAborted()
    },
  })
  const isEqual = tables.every(table => table.isEqual)
  if (isEqual) {
    await carryIdsOn(ends)
    await carryFeedOn(ends)
    await markFinished(target, clock.now())
  }
  const rows = tables.reduce((sum, table) => sum + table.to.rows, 0)
  const different = tables.filter(table => !table.isEqual).map(({ table }) => table)
  if (isEqual) log.info(`Database ${shown.from} copied to ${shown.to}: ${rows} rows, every table equal`)
  else log.error(`Database ${shown.from} copied to ${shown.to} with a difference in ${different.join(', ')}`)
  return { tables, isEqual }
}

/** The mark of the copy to go on with; null where the target is empty. */
async function checkTarget(target: Engine, shown: { from: string; to: string }): Promise<CopyMark | null> {
  const mark = await copyMarkOf(target)
  if (mark === null) {
    const filled = await filledTables(target)
    if (filled.length === 0) return null
    const found = filled.map(({ table, rows }) => `${rows} in ${table}`).join(', ')
    throw refused(`${shown.to}, which is not empty (rows: ${found}): give an empty database`)
  }
  if (mark.finishedAt !== null) {
    throw refused(
      `${shown.to}, which holds a copy of ${mark.source} that was finished at ${mark.finishedAt}: let DATABASE_URL name it, or give an empty database`,
    )
  }
  if (mark.source !== shown.from) {
    throw refused(
      `${shown.to}, which holds an unfinished copy of ${mark.source}: go on with that source, or give an empty database`,
    )
  }
  return mark
}

function refused(what: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `--to names ${what}.`)
}

/** The messages about a URL name the variable that most of them come from. */
function readUrl(option: string, url: string, workingDirectory: string): DatabaseConfig {
  try {
    return parseDatabaseUrl(url, workingDirectory)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(error.code, error.message.replaceAll('DATABASE_URL', option), { cause: error })
  }
}

/** What two names of one database have in common, as far as it can be seen without opening it. */
function placeOf(database: DatabaseConfig): string {
  if (database.engine !== 'sqlite') return shownDatabase(database)
  return existsSync(database.path) ? realpathSync(database.path) : database.path
}
