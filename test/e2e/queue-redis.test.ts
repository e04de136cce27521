import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { mayTestRedis, RedisServer } from '../contract/queue/redis-server.ts'
import { queueRounds } from './queue-rounds.ts'
import { QueueSite } from './queue-site.ts'
import { jsonLines } from './rollcall-process.ts'

const PASSWORD = '7712345677'
const SYNCED_MS_MAX = 60_000
const BACK_MS_MAX = 60_000

describe.runIf(mayTestRedis('the commands on a queue in Redis'))('the commands on a queue in Redis', () => {
  test('Redis away: both commands say so in one sentence, keep trying, and go on when it is back', async () => {
    await using server = await RedisServer.start({ args: ['--requirepass', PASSWORD] })
    await server.stop()
    await using site = await QueueSite.open({ REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${server.port}` })
    await site.addDevices(2, { seed: 21, records: 50 })
    const worker = site.start('queue:work', '--workers', '2')
    const dispatcher = site.start('attendance:live-sync', '--interval', '2')
    for (const process of [worker, dispatcher]) {
      await site.until('a word on the outage', SYNCED_MS_MAX, () => /^✗ Queue - .*\(next try in/m.test(process.output))
    }
    const once = site.start('attendance:live-sync', '--once')
    assert.equal(await once.ended(), 1)
    assert.match(once.output, new RegExp(`127\\.0\\.0\\.1:${server.port}`))
    const status = site.start('queue:status', '--json')
    assert.equal(await status.ended(), 1)

    await server.start()
    for (const process of [worker, dispatcher]) {
      await site.until('a word on its end', BACK_MS_MAX, () => /^✓ Queue - back after/m.test(process.output))
    }
    const expected = async () =>
      (await site.assertPunches({ missing: 'some' })) > 0 && worker.output.includes('✓ Gate 2')
    await site.until(
      'both devices synced',
      SYNCED_MS_MAX,
      async () => (await expected()) && worker.output.includes('✓ Gate 1'),
    )
    await site.assertPunches({ missing: 'none' })
    assert.deepEqual(
      jsonLines(await site.run('queue:status', '--json')).map(line => line.backend),
      ['redis'],
    )
    // An outage is no reason to hang at the end.
    await server.stop()
    await site.until('a second outage', SYNCED_MS_MAX, () => (worker.output.match(/^✗ Queue/gm) ?? []).length === 2)
    await Promise.all([worker.stop(), dispatcher.stop()])
    for (const { output } of [worker, dispatcher, once, status]) {
      assert(!output.includes(PASSWORD))
      assert((output.match(/^✗ Queue/gm) ?? []).length <= 2, output)
    }
  })

  test('workers killed and Redis restarted: no punch lost or doubled, no job lost', async () => {
    await using server = await RedisServer.start()
    const report = await queueRounds({ rounds: 1, devices: 20, seed: 0x7e57, server, tell: () => {} })
    assert.deepEqual([report.jobs, report.restarts], [20, 1])
  })
})
