import { RollcallError, StoreError } from '../../base/errors.ts'
import { TransactionCollision } from '../transactions.ts'

/** A deadlock, and a row that somebody else inserted between a look and an insert. */
const COLLISIONS = ['ER_LOCK_DEADLOCK', 'ER_DUP_ENTRY']
/** The server is full, is shutting down or has just ended the connection, or became a replica that takes no writes. */
const OUT_OF_REACH = [
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_QUERY_INTERRUPTED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_READ_ONLY_MODE',
]
const LOGIN = ['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR']
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ENOENT|PROTOCOL_)/
/** Errors of the driver that have no code. */
const CONNECTION_LOST = /closed state|Connection lost|Pool is closed|connect ETIMEDOUT/i

/** Makes a StoreError of what MySQL or MariaDB, or the driver, threw. `shown` names the database. */
export function storeErrorFrom(error: unknown, shown: string): RollcallError {
  if (error instanceof RollcallError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const unavailable = (sentence: string) => new StoreError('STORE_UNAVAILABLE', sentence, { cause })

  if (code === 'ER_NO_REFERENCED_ROW_2') return new StoreError('NOT_FOUND', 'there is no such device', { cause })
  if (COLLISIONS.includes(code)) {
    return new TransactionCollision('STORE_FAILED', `transactions on ${shown} kept colliding: ${cause.message}`, {
      cause,
    })
  }
  if (LOGIN.includes(code)) return unavailable(`the MySQL server of ${shown} refused the login: ${cause.message}`)
  if (code === 'ER_BAD_DB_ERROR') return unavailable(`the MySQL server has no database ${shown}: create it first`)
  if (OUT_OF_REACH.includes(code) || NETWORK.test(code) || CONNECTION_LOST.test(cause.message)) {
    const reason = cause.message || code
    return new StoreError('STORE_UNREACHABLE', `the MySQL server of ${shown} cannot be reached: ${reason}`, { cause })
  }
  if (code === 'ER_LOCK_WAIT_TIMEOUT') {
    return unavailable(`another connection kept the database ${shown} locked for too long`)
  }
  if (code === 'ER_DISK_FULL' || code === 'ER_RECORD_FILE_FULL') {
    return unavailable(`the disk with the database ${shown} is full`)
  }
  if (code === 'ER_TABLEACCESS_DENIED_ERROR') {
    return unavailable(`the user has too few rights on the database ${shown}: ${cause.message}`)
  }
  return new StoreError('STORE_FAILED', `the database ${shown} refused a statement: ${cause.message}`, { cause })
}
