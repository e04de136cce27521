import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ConfigError, QueueError } from '../../base/errors.ts'
import { parseRedisAddress } from './redis-address.ts'
import { asQueueError, connectionOptions } from './redis-clients.ts'

const ADDRESS = parseRedisAddress('rediss://rollcall:tiger@redis.example:6380/3')

describe('a connection to Redis', () => {
  test('logs in, chooses its database, and has the server prove its name', () => {
    assert.deepEqual(connectionOptions(ADDRESS), {
      host: 'redis.example',
      port: 6380,
      db: 3,
      username: 'rollcall',
      password: 'tiger',
      tls: { servername: 'redis.example' },
    })
    assert.deepEqual(connectionOptions(parseRedisAddress('redis://10.0.0.7')), { host: '10.0.0.7', port: 6379, db: 0 })
  })

  test('has no name to prove where the address is a number', () => {
    assert.deepEqual(connectionOptions(parseRedisAddress('rediss://10.0.0.7')).tls, {})
  })
})

describe('what a call failed with', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:6380'), { code: 'ECONNREFUSED' })
  const login = Object.assign(new Error('WRONGPASS invalid username-password pair or user is disabled.'), {
    name: 'ReplyError',
    command: { name: 'auth', args: ['rollcall', 'tiger'] },
  })
  for (const [thrown, reason] of [
    [refused, 'connection refused'],
    [login, 'it refuses the user name or password'],
    [new Error('NOAUTH Authentication required.'), 'it wants a password'],
    [new Error('connect ETIMEDOUT'), 'no answer in time'],
    [new Error('Connection is closed.'), 'the connection was cut'],
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'its memory is full'],
    [new Error('something new about tiger'), 'something new about ***'],
  ] as const)
    test(`${thrown.message.slice(0, 30)} is one sentence without a password`, () => {
      const error = asQueueError(thrown, ADDRESS)
      assert(error instanceof QueueError)
      assert.equal(error.code, 'QUEUE_UNAVAILABLE')
      assert.equal(error.message, `the queue at redis.example:6380 cannot be used: ${reason}`)
      assert.equal(error.cause, undefined)
    })

  test('stays what it is where it is no matter of the server', () => {
    for (const error of [new TypeError('x is undefined'), new ConfigError('CONFIG_INVALID', 'no')])
      assert.equal(asQueueError(error, ADDRESS), error)
  })
})
