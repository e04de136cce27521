import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ConfigError } from '../../base/errors.ts'
import { parseRedisAddress, placeOf } from './redis-address.ts'

const PLAIN = { host: 'redis.example', port: 6379, username: null, password: null, database: 0, tls: false }

describe('the address of a Redis server', () => {
  for (const [url, address] of [
    ['redis://redis.example', {}],
    ['redis://redis.example/', {}],
    ['REDIS://redis.example:6380/15', { port: 6380, database: 15 }],
    ['rediss://redis.example:6380', { port: 6380, tls: true }],
    ['redis://:s%23c%2Fr%40t%25@redis.example', { password: 's#c/r@t%' }],
    ['rediss://rollcall:secret@redis.example/2', { username: 'rollcall', password: 'secret', database: 2, tls: true }],
    ['redis://10.0.0.7:6379', { host: '10.0.0.7' }],
    ['redis://[fd00::7]:6379', { host: 'fd00::7' }],
  ] as const)
    test(url, () => assert.deepEqual(parseRedisAddress(url), { ...PLAIN, ...address }))

  test('is named by host and port alone', () => {
    assert.equal(placeOf(parseRedisAddress('rediss://rollcall:secret@redis.example/2')), 'redis.example:6379')
    assert.equal(placeOf(parseRedisAddress('redis://[fd00::7]:6380')), '[fd00::7]:6380')
  })

  for (const url of [
    'redis.example:6379',
    '/run/tiger.sock',
    'http://:tiger@redis.example',
    'redis://:tiger#1@redis.example',
    'redis://:tiger?1@redis.example',
    'redis://:tiger/1@redis.example',
    'redis://:tiger%@redis.example',
    'redis://:tiger@redis.example:65536',
    'redis://:tiger@redis.example:0',
    'redis://:tiger@redis.example/tiger',
    'redis://:tiger@redis.example/10000',
    'redis://:tiger@redis.example?db=1',
    'redis://',
  ])
    test(`${url} is refused in one sentence that names the variable and no password`, () =>
      assert.throws(
        () => parseRedisAddress(url),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.code === 'CONFIG_INVALID' &&
          /^REDIS_URL .*\.$/.test(error.message) &&
          !error.message.includes('tiger'),
      ))
})
