import { RollcallError, StoreError } from '../../base/errors.ts'

/** Makes a StoreError of what SQLite, or its driver, threw. */
export function storeErrorFrom(error: unknown, path: string): RollcallError {
  if (error instanceof RollcallError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const failed = (sentence: string) => new StoreError('STORE_FAILED', sentence, { cause })
  const unavailable = (sentence: string) => new StoreError('STORE_UNAVAILABLE', sentence, { cause })

  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return new StoreError('NOT_FOUND', 'there is no such device', { cause })
  if (/connection is not open/.test(cause.message)) return unavailable(`the database ${path} was closed already`)
  if (/directory does not exist/.test(cause.message))
    return unavailable(`the folder of the database ${path} is missing`)
  // Extended codes begin with the plain one: SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT.
  const kind = code.split('_').slice(0, 2).join('_')
  switch (kind) {
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return unavailable(`cannot open the database ${path}: ${cause.message}`)
    case 'SQLITE_NOTADB':
      return unavailable(`${path} is not a SQLite database`)
    case 'SQLITE_CORRUPT':
      return unavailable(`the database ${path} is damaged: ${cause.message}`)
    case 'SQLITE_READONLY':
      return unavailable(`the database ${path} cannot be written: ${cause.message}`)
    case 'SQLITE_FULL':
      return unavailable(`the disk with the database ${path} is full`)
    case 'SQLITE_IOERR':
      return unavailable(`the disk failed under the database ${path}: ${cause.message} (${code})`)
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return unavailable(`another process kept the database ${path} locked for too long`)
    default:
      return failed(`the database ${path} refused a statement: ${cause.message}`)
  }
}
