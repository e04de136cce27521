import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { z } from 'zod'
import { AttendanceLogPage, Explanation } from '../../src/http/api/attendance.ts'
import { Health, Problem } from '../../src/http/api/common.ts'
import { ClockReadingPage, Coverage, Device, DevicePage, PersonPage } from '../../src/http/api/devices.ts'
import { QuarantinedRecordPage } from '../../src/http/api/quarantine.ts'
import { JobPage, SyncRunPage } from '../../src/http/api/runs.ts'
import { HttpScene } from './scene.ts'

/** The server does not judge its own answers; this does. */
describe('answers fit their schemas', () => {
  let scene: HttpScene
  let deviceId: number
  beforeAll(async () => {
    scene = await HttpScene.open()
    const { device } = await scene.addLogs(3)
    deviceId = device.id
    const person = { uid: 1, userId: '001', name: 'Ada' }
    await scene.store.people.record(deviceId, [person], { from: '2026-01-01 08:00:00', until: '2026-01-01 08:00:01' })
    const reading = { readAt: new Date(), localTime: '2026-01-01 08:00:00', driftSeconds: 3, kind: 'read' as const }
    await scene.store.clocks.record(deviceId, reading)
    await scene.queue.enqueue([deviceId])
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  const cases: Array<[string, z.ZodType]> = [
    ['/api/v1/health', Health],
    ['/api/v1/devices', DevicePage],
    ['/api/v1/devices/1', Device],
    ['/api/v1/devices/1/coverage', Coverage],
    ['/api/v1/devices/1/people', PersonPage],
    ['/api/v1/devices/1/clock-readings', ClockReadingPage],
    ['/api/v1/attendance-logs', AttendanceLogPage],
    ['/api/v1/attendance-logs/1', Explanation],
    ['/api/v1/sync-runs', SyncRunPage],
    ['/api/v1/quarantined-records', QuarantinedRecordPage],
    ['/api/v1/jobs?state=waiting', JobPage],
    ['/api/v1/devices/999', Problem],
    ['/api/v1/devices?limit=0', Problem],
  ]
  for (const [path, schema] of cases)
    test(path, async () => {
      const { json } = await scene.get(path)
      // What the schema does not know would be missing here.
      assert.deepEqual(schema.parse(json), json)
      if ('data' in json) assert(json.data.length > 0)
    })

  test('failed jobs are put back, and that is noted down', async () => {
    const stop = new AbortController()
    await scene.queue.work(
      {
        concurrency: 1,
        stopWhenEmpty: true,
        run: async () => {
          const { ConfigError } = await import('../../src/base/errors.ts')
          throw new ConfigError('SECRET_UNUSABLE', 'the key is gone')
        },
      },
      stop.signal,
    )
    const [failed] = (await scene.get('/api/v1/jobs?state=failed')).json.data
    assert.deepEqual([failed.error_code, failed.error_message], ['SECRET_UNUSABLE', 'the key is gone'])
    assert(failed.next_step && !('stack' in failed))
    const none = await scene.ask('POST', '/api/v1/jobs/retry', { body: { ids: ['nothing'] } })
    assert.deepEqual(none.json, { retried: 0 })
    const one = await scene.ask('POST', '/api/v1/jobs/retry', { body: { ids: [failed.id] } })
    assert.deepEqual(one.json, { retried: 1 })
    assert.equal((await scene.get('/api/v1/jobs?state=waiting')).json.data.length, 1)
    assert.equal(scene.audited.at(-1)?.action, 'jobs.retried')
  })
})
