import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ConfigError, StoreError } from '../base/errors.ts'
import { storeErrorFrom as mysqlError } from './mysql/errors.ts'
import { storeErrorFrom as postgresError } from './postgres/errors.ts'
import { TransactionCollision } from './transactions.ts'

function thrown(code: string | undefined, message = 'the driver said so'): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}

const POSTGRES: ReadonlyArray<[what: string, error: Error, code: string]> = [
  ['a device that is not there', thrown('23503'), 'NOT_FOUND'],
  ['a shutdown', thrown('57P01'), 'STORE_UNREACHABLE'],
  ['a start that is under way', thrown('57P03'), 'STORE_UNREACHABLE'],
  ['a standby that takes no writes', thrown('25006'), 'STORE_UNREACHABLE'],
  ['too many connections', thrown('53300'), 'STORE_UNREACHABLE'],
  ['a connection that failed', thrown('08006'), 'STORE_UNREACHABLE'],
  ['nobody at that port', thrown('ECONNREFUSED'), 'STORE_UNREACHABLE'],
  ['all addresses of a name refused', new AggregateError([thrown('ECONNREFUSED')]), 'STORE_UNREACHABLE'],
  ['a socket that is not there', thrown('ENOENT'), 'STORE_UNREACHABLE'],
  ['a connection that was cut', thrown(undefined, 'Connection terminated unexpectedly'), 'STORE_UNREACHABLE'],
  ['a server that says nothing', thrown(undefined, 'Query read timeout'), 'STORE_UNREACHABLE'],
  ['a wrong password', thrown('28P01'), 'STORE_UNAVAILABLE'],
  ['a database that is not there', thrown('3D000'), 'STORE_UNAVAILABLE'],
  ['a full disk', thrown('53100'), 'STORE_UNAVAILABLE'],
  ['a lock that somebody keeps', thrown('55P03'), 'STORE_UNAVAILABLE'],
  ['too few rights', thrown('42501'), 'STORE_UNAVAILABLE'],
  ['a value that does not fit', thrown('22003'), 'STORE_FAILED'],
]

const MYSQL: ReadonlyArray<[what: string, error: Error, code: string]> = [
  ['a device that is not there', thrown('ER_NO_REFERENCED_ROW_2'), 'NOT_FOUND'],
  ['a shutdown', thrown('ER_SERVER_SHUTDOWN'), 'STORE_UNREACHABLE'],
  ['a connection that was killed', thrown('ER_CONNECTION_KILLED'), 'STORE_UNREACHABLE'],
  ['a replica that takes no writes', thrown('ER_OPTION_PREVENTS_STATEMENT'), 'STORE_UNREACHABLE'],
  ['too many connections', thrown('ER_CON_COUNT_ERROR'), 'STORE_UNREACHABLE'],
  ['a connection that was cut', thrown('PROTOCOL_CONNECTION_LOST'), 'STORE_UNREACHABLE'],
  ['a server that says nothing', thrown('PROTOCOL_SEQUENCE_TIMEOUT'), 'STORE_UNREACHABLE'],
  ['nobody at that port', thrown('ECONNREFUSED'), 'STORE_UNREACHABLE'],
  ['a wrong password', thrown('ER_ACCESS_DENIED_ERROR'), 'STORE_UNAVAILABLE'],
  ['a database that is not there', thrown('ER_BAD_DB_ERROR'), 'STORE_UNAVAILABLE'],
  ['a full disk', thrown('ER_DISK_FULL'), 'STORE_UNAVAILABLE'],
  ['a lock that somebody keeps', thrown('ER_LOCK_WAIT_TIMEOUT'), 'STORE_UNAVAILABLE'],
  ['too few rights', thrown('ER_TABLEACCESS_DENIED_ERROR'), 'STORE_UNAVAILABLE'],
  ['a value that does not fit', thrown('ER_DATA_TOO_LONG'), 'STORE_FAILED'],
]

for (const [name, storeErrorFrom, table, collisions] of [
  ['PostgreSQL', postgresError, POSTGRES, ['40001', '40P01', '23505']],
  ['MySQL', mysqlError, MYSQL, ['ER_LOCK_DEADLOCK', 'ER_DUP_ENTRY']],
] as const)
  describe(name, () => {
    for (const [what, error, code] of table)
      test(`${what} is ${code}`, () => {
        const told = storeErrorFrom(error, 'db:1/hr')
        assert(told instanceof StoreError && !(told instanceof TransactionCollision))
        assert.equal(told.code, code)
        assert.equal(told.cause, error)
        if (code !== 'NOT_FOUND') assert.match(told.message, /db:1\/hr/)
      })

    test('a collision is told apart, since its transaction is done anew', () => {
      for (const code of collisions)
        assert(storeErrorFrom(thrown(code), 'db:1/hr') instanceof TransactionCollision, code)
    })

    test('errors of the project pass, and what is no error becomes one', () => {
      const own = new ConfigError('SECRET_UNUSABLE', 'own')
      assert.equal(storeErrorFrom(own, 'db'), own)
      assert.equal(storeErrorFrom('text', 'db').code, 'STORE_FAILED')
    })
  })
