import assert from 'node:assert/strict'
import { test } from 'vitest'
import { ConfigError } from '../base/errors.ts'
import { parseServerAddress, shownAddress } from './server-address.ts'

const DEFAULTS = { port: 5432, user: 'payroll' }

test('a whole address', () => {
  const text = 'postgres://h%40r:p%23%2F%3F%40%3A@db.example:6432/my%20db?sslmode=verify-full'
  assert.deepEqual(parseServerAddress(text, DEFAULTS), {
    host: 'db.example',
    port: 6432,
    socket: null,
    user: 'h@r',
    password: 'p#/?@:',
    database: 'my db',
    tls: { isVerified: true, authority: null },
  })
})

test('what is left out is as usual', () => {
  const { host, port, user, password, tls } = parseServerAddress('postgres://[::1]/hr', DEFAULTS)
  assert.deepEqual([host, port, user, password, tls], ['::1', 5432, 'payroll', null, null])
})

test('an address is shown without its secrets', () => {
  const shown = (text: string) => shownAddress(parseServerAddress(text, DEFAULTS))
  assert.equal(shown('postgres://hr:tiger@db/hr?sslmode=require'), 'db:5432/hr')
  assert.equal(shown('postgres://hr:tiger@[::1]:1/hr'), '[::1]:1/hr')
  assert.equal(shown('mysql://hr:tiger@localhost/hr?socket=/run/mysqld/mysqld.sock'), '/run/mysqld/mysqld.sock/hr')
})

for (const [text, sentence] of [
  ['postgres:hr:tiger@db/hr', /is not a URL such as postgres:/],
  ['mysql://hr:ti/ger@db/hr', /is not a URL such as mysql:.*%2F for \//],
  ['postgres://hr:tiger@db', /names no database/],
  ['postgres://hr:tiger@db/', /names no database/],
  ['postgres://hr:tiger@db/hr/more', /names no database/],
  ['postgres://hr:tiger@/hr', /is not a URL/],
  ['postgres:///hr', /names no host/],
  ['postgres://hr:tiger@db:0/hr', /port from 1/],
  ['postgres://hr:tig#er@db/hr', /is not a URL|must end after the database/],
  ['postgres://hr:tig%er@db/hr', /%25/],
  ['postgres://hr:tiger@db/hr?host=tiger', /sslmode, sslrootcert, socket/],
  ['postgres://hr:tiger@db/hr?sslmode=tiger', /sslmode=disable/],
  ['postgres://hr:tiger@db/hr?sslrootcert=x.pem', /without sslmode=verify-full/],
  ['postgres://hr:tiger@db/hr?sslmode=verify-full&sslrootcert=missing.pem', /cannot be read: missing\.pem/],
] as const)
  test(`refused in one sentence that holds no password: ${text}`, () => {
    const isClear = (error: unknown) => {
      assert(error instanceof ConfigError && error.code === 'CONFIG_INVALID')
      assert.match(error.message, sentence)
      assert(!/tiger|tig/.test(error.message), error.message)
      return true
    }
    assert.throws(() => parseServerAddress(text, DEFAULTS), isClear)
  })
