import Sqlite from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'

/** How long anything waits for another connection that writes. A write here takes a tenth of a second at most. */
export const BUSY_TIMEOUT_MS = 5000
const RETRY_MS = 5
const TRIES = BUSY_TIMEOUT_MS / RETRY_MS

/**
 * Tries again while another connection has the lock that `work` needs. SQLite can wait by itself, but then the whole
 * process waits with it, and with that another store of the same process that would give the lock back.
 */
export async function retryWhileBusy<Result>(clock: Pick<Clock, 'sleep'>, work: () => Result): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return work()
    } catch (error) {
      const isBusy = error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!isBusy || tries === TRIES) throw error
    }
    await clock.sleep(RETRY_MS)
  }
}
