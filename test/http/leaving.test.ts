import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { newAttendanceRecord } from '../../src/codec/binary/attendance-record.ts'
import { encodePackedTime } from '../../src/codec/binary/packed-time.ts'
import type { EventSource } from '../../src/http/events.ts'
import { takeLease } from '../contract/store/fixture.ts'
import { HttpScene } from './scene.ts'

const NOON = { year: 2026, month: 7, day: 1, hour: 12, minute: 30, second: 5 }

describe('an answer that takes long', () => {
  let scene: HttpScene
  /** As they are registered, of the id 1. Each waits for the device, which somebody else has. */
  let paths: readonly string[] = []
  beforeEach(async () => {
    scene = await HttpScene.open()
    const device = await scene.addDevice()
    const lease = await takeLease(scene.store, device.id, 'somebody else')
    const codes = { verifyMode: 1, punchState: 0, workCode: 0 }
    const { raw } = newAttendanceRecord({
      layout: '40',
      uid: 1,
      userId: '7',
      packedTime: encodePackedTime(NOON),
      ...codes,
    })
    const origin = { lease, runId: null, source: 'poll', driftSeconds: null } as const
    await scene.store.punches.commit({
      ...origin,
      punches: [],
      quarantined: [{ raw, reason: 'UNREADABLE_USER_ID' }],
    })
    paths = ['/api/v1/devices/:id/test', '/api/v1/quarantined-records/:id/decode']
  })
  afterEach(async () => await scene[Symbol.asyncDispose]())

  test('is given up for a client that has left, and that is no failure', async () => {
    for (const path of paths) {
      const gone = new AbortController()
      const answer = scene.fetch('POST', path.replace(':id', '1'), { signal: gone.signal })
      await untilOpen(1)
      gone.abort()
      await assert.rejects(answer, /aborted/)
      await untilOpen(0)
      const line = await lineOf(path)
      assert.match(line, /^debug POST \S+: nobody waits for the answer/)
    }
    assert.deepEqual(failures(), [])
  })

  test('is given up when the server ends, and says so', async () => {
    const answers = paths.map(path => scene.ask('POST', path.replace(':id', '1')))
    await untilOpen(2)
    await scene.web[Symbol.asyncDispose]()
    for (const { status, json } of await Promise.all(answers)) {
      assert.deepEqual([status, json.code], [503, 'SERVER_ENDS'])
    }
  })

  test('leaves nothing open for a client that left before its stream began', async () => {
    let isAsked = false
    let watching = 0
    const left = Promise.withResolvers<void>()
    const events: EventSource = {
      async newest() {
        isAsked = true
        await left.promise
        return '0'
      },
      after: async position => ({ events: [], next: position }),
      watch: () => {
        watching++
        return { [Symbol.dispose]: () => void watching-- }
      },
    }
    await using other = await HttpScene.open({ events })
    const gone = new AbortController()
    const answer = other.fetch('GET', '/api/v1/events', { signal: gone.signal })
    while (!isAsked) await systemClock.sleep(5)
    gone.abort()
    await assert.rejects(answer, /aborted/)
    // Long enough for the server to hear of it.
    await systemClock.sleep(100)
    left.resolve()
    await systemClock.sleep(50)
    assert.match((await other.get('/metrics')).text, /^rollcall_event_streams 0$/m)
    assert.equal(watching, 0)
  })

  async function untilOpen(count: number): Promise<void> {
    const line = new RegExp(`^rollcall_event_streams ${count}$`, 'm')
    let text = ''
    for (let tries = 0; tries < 200 && !line.test(text); tries++) {
      await systemClock.sleep(10)
      text = (await scene.get('/metrics')).text
    }
    assert.match(text, line)
  }

  async function lineOf(path: string): Promise<string> {
    let line: string | undefined
    for (let tries = 0; tries < 200 && line === undefined; tries++) {
      await systemClock.sleep(10)
      line = scene.logged.find(one => one.includes(`POST ${path}: `))
    }
    return line ?? 'no line'
  }

  function failures(): string[] {
    return scene.logged.filter(line => /^(?:warn|error)/.test(line))
  }
})
