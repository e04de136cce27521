import { RollcallError, StoreError } from '../../base/errors.ts'
import { TransactionCollision } from '../transactions.ts'

/** Of SQLSTATE: serialization failure, deadlock, and a row that somebody else inserted between a look and an insert. */
const COLLISIONS = ['40001', '40P01', '23505']
/** Shutdown by an administrator or a crash, starting up, too many connections, and a standby that was promoted elsewhere. */
const OUT_OF_REACH = ['57P01', '57P02', '57P03', '53300', '25006']
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ENOENT)/
/** Errors of the driver that have no code. */
const CONNECTION_LOST =
  /Connection terminated|connection timeout|timeout exceeded|Query read timeout|not queryable|Connection ended/i

/** Makes a StoreError of what PostgreSQL, or its driver, threw. `shown` names the database. */
export function storeErrorFrom(error: unknown, shown: string): RollcallError {
  if (error instanceof RollcallError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = codeOf(cause)
  const unreachable = (reason: string) =>
    new StoreError('STORE_UNREACHABLE', `the PostgreSQL server of ${shown} cannot be reached: ${reason}`, { cause })
  const unavailable = (sentence: string) => new StoreError('STORE_UNAVAILABLE', sentence, { cause })

  if (code === '23503') return new StoreError('NOT_FOUND', 'there is no such device', { cause })
  if (COLLISIONS.includes(code)) {
    return new TransactionCollision('STORE_FAILED', `transactions on ${shown} kept colliding: ${cause.message}`, {
      cause,
    })
  }
  if (code.startsWith('08') || OUT_OF_REACH.includes(code)) return unreachable(cause.message)
  if (NETWORK.test(code)) return unreachable(code)
  if (code === '' && CONNECTION_LOST.test(cause.message)) return unreachable(cause.message)
  if (code.startsWith('28')) return unavailable(`the PostgreSQL server of ${shown} refused the login: ${cause.message}`)
  if (code === '3D000') return unavailable(`the PostgreSQL server has no database ${shown}: create it first`)
  if (code === '55P03') return unavailable(`another connection kept the database ${shown} locked for too long`)
  if (code === '53100') return unavailable(`the disk with the database ${shown} is full`)
  if (code === '42501') return unavailable(`the user has too few rights on the database ${shown}: ${cause.message}`)
  return new StoreError('STORE_FAILED', `the database ${shown} refused a statement: ${cause.message}`, { cause })
}

/** Several addresses of one name fail together. */
function codeOf(cause: Error): string {
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined
  return first instanceof Error ? codeOf(first) : ''
}
