import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { addressKey } from '../../src/http/limits.ts'
import { HttpScene } from './scene.ts'

describe('the server', () => {
  test('is not healthy without its database, and says so to nobody in particular', async () => {
    await using scene = await HttpScene.open()
    assert.deepEqual((await scene.get('/api/v1/health', { as: 'nobody' })).json.status, 'ok')
    await scene.store[Symbol.asyncDispose]()
    const { status, json, headers } = await scene.get('/api/v1/health', { as: 'nobody' })
    assert.deepEqual([status, json.code, headers.get('retry-after')], [503, 'STORE_UNAVAILABLE', '5'])
    const { status: ofList, json: problem } = await scene.get('/api/v1/devices')
    assert.deepEqual([ofList, problem.code], [503, 'STORE_UNAVAILABLE'])
  })

  test('limits what one address may ask, whatever it asks for', async () => {
    await using scene = await HttpScene.open({ config: { requestsPerMinute: 5 } })
    for (let i = 0; i < 5; i++) await scene.get(`/api/v1/devices?x=${i}`, { as: 'nobody' })
    const { status, json, headers } = await scene.get('/api/v1/health')
    assert.deepEqual([status, json.code], [429, 'TOO_MANY_REQUESTS'])
    assert(Number(headers.get('retry-after')) > 0)
    const forged = await scene.get('/api/v1/health', { headers: { 'x-forwarded-for': '203.0.113.7' } })
    assert.equal(forged.status, 429, 'nobody but a trusted proxy names the caller')
  })

  test('counts one network of IPv6 as one address', () => {
    assert.equal(addressKey('203.0.113.7'), '203.0.113.7')
    assert.equal(addressKey('::ffff:203.0.113.7'), '203.0.113.7')
    assert.equal(addressKey('2001:db8:1:2:3:4:5:6'), addressKey('2001:db8:1:2::9'))
    assert.notEqual(addressKey('2001:db8:1:2::9'), addressKey('2001:db8:1:3::9'))
    assert.equal(addressKey('::1'), '0:0:0:0')
    assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0')
  })

  test('names the variable where its port is taken', async () => {
    const other = createServer()
    const port = await new Promise<number>(resolve =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    )
    await assert.rejects(HttpScene.open({ config: { port } }), {
      code: 'CONFIG_INVALID',
      message: `Port ${port} of 127.0.0.1 is in use by another program; set ROLLCALL_PORT to a free one.`,
    })
    await assert.rejects(HttpScene.open({ config: { host: '203.0.113.1' } }), /set ROLLCALL_HOST/)
    other.close()
  })

  test('on all addresses it tells one that works', async () => {
    await using scene = await HttpScene.open({ config: { host: '0.0.0.0' } })
    assert.match(scene.web.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert(scene.web.isOnAllAddresses)
    assert.equal((await scene.get('/api/v1/health', { as: 'nobody' })).status, 200)
  })

  test('ends within its time, with streams open and an export half read', async () => {
    const scene = await HttpScene.open()
    await scene.addLogs(20_000)
    const stream = await scene.fetch('GET', '/api/v1/events')
    const half = await scene.fetch('GET', '/api/v1/attendance-logs/export?format=jsonl')
    const reader = half.body?.getReader()
    await reader?.read()
    const startedMs = systemClock.monotonicMs()
    await scene.web[Symbol.asyncDispose]()
    assert(systemClock.monotonicMs() - startedMs < 4_500)
    assert.match(await stream.text(), /^retry: 1000\n\n/)
    await assert.rejects(scene.get('/api/v1/health'), /fetch failed/)
    await scene[Symbol.asyncDispose]()
  })

  test('an export is made as it is taken, and ends with its client', async () => {
    await using scene = await HttpScene.open()
    await scene.addLogs(60_000)
    let read = 0
    const scan = scene.store.logs.scan.bind(scene.store.logs)
    let isEnded = false
    scene.store.logs.scan = async function* (filter) {
      try {
        for await (const log of scan(filter)) {
          read++
          yield log
        }
      } finally {
        isEnded = true
      }
    }
    const gone = new AbortController()
    const response = await scene.fetch('GET', '/api/v1/attendance-logs/export?format=jsonl', { signal: gone.signal })
    await response.body?.getReader().read()
    let before = -1
    for (let tries = 0; tries < 100 && before !== read; tries++) {
      before = read
      await systemClock.sleep(50)
    }
    assert(read < 50_000, `${read} rows were read for a client that took one piece`)
    gone.abort()
    for (let tries = 0; tries < 200 && !isEnded; tries++) await systemClock.sleep(10)
    assert(isEnded)
  })
})
