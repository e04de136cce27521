import Sqlite, { type Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { BUSY_TIMEOUT_MS, retryWhileBusy } from './busy.ts'
import { storeErrorFrom } from './errors.ts'

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
  // Switching a new file to WAL fails at once while another process does the same, whatever the timeout.
  const mode = await retryWhileBusy(clock, () => {
    // Asked for first: setting it again takes a lock that another process may hold.
    const present = database.pragma('journal_mode', { simple: true })
    return present === 'wal' ? present : database.pragma('journal_mode = wal', { simple: true })
  })
  // Without WAL, which some network file systems do not allow, NORMAL could damage the file when the power fails.
  database.pragma(mode === 'wal' ? 'synchronous = normal' : 'synchronous = full')
  database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`)
}
