import Sqlite, { type Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { storeErrorFrom } from './errors.ts'

/** How long a statement waits for another process that writes. */
const BUSY_TIMEOUT_MS = 5000
/** Switching a new file to WAL does not wait for anybody by itself. */
const WAL_RETRY_MS = 20
const WAL_TRIES = BUSY_TIMEOUT_MS / WAL_RETRY_MS
/**
 * Pages of the write-ahead log before they are moved into the database, 32 MB. With SQLite's own 1000, reading in a large
 * log by 1000 records a transaction takes a third longer, since each of these transactions touches about as many pages.
 */
const WAL_PAGES = 8000

/** Opens the file with the settings that every connection needs. */
export async function openDatabaseFile(options: {
  path: string
  access: 'read-write' | 'read-only'
  clock: Pick<Clock, 'sleep'>
}): Promise<Database> {
  const { path } = options
  let database: Database | undefined
  try {
    const readonly = options.access === 'read-only'
    database = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, readonly, fileMustExist: readonly })
    database.pragma('foreign_keys = on')
    if (!readonly) await setJournal(database, options.clock)
    return database
  } catch (error) {
    database?.close()
    throw storeErrorFrom(error, path)
  }
}

async function setJournal(database: Database, clock: Pick<Clock, 'sleep'>): Promise<void> {
  if (database.memory) return
  const mode = await switchToWal(database, clock)
  // Without WAL, which some network file systems do not allow, NORMAL could damage the file when the power fails.
  database.pragma(mode === 'wal' ? 'synchronous = normal' : 'synchronous = full')
  database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`)
}

/** Returns the journal mode that the file then has. */
async function switchToWal(database: Database, clock: Pick<Clock, 'sleep'>): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      // Asked for first: setting it again takes a lock that another process may hold.
      const mode = database.pragma('journal_mode', { simple: true })
      return mode === 'wal' ? mode : database.pragma('journal_mode = wal', { simple: true })
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) || tries === WAL_TRIES)
        throw error
    }
    await clock.sleep(WAL_RETRY_MS)
  }
}
