import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ClockReading } from '../../../src/model/device.ts'
import { freshStores, type OpenStore, settings } from './fixture.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export function clocksContract(open: OpenStore): void {
  describe('clocks', () => {
    const under = freshStores(open)

    async function device(): Promise<number> {
      return (await under.store.devices.add(settings())).id
    }
    /** Reads the clock of a device now. */
    async function record(deviceId: number, driftSeconds: number, kind: ClockReading['kind'] = 'read'): Promise<void> {
      const readAt = new Date(under.clock.ms)
      const localTime = new Date(under.clock.ms + driftSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
      await under.store.clocks.record(deviceId, { readAt, localTime, driftSeconds, kind })
    }
    async function drifts(deviceId: number, limit = 1000): Promise<number[]> {
      return (await under.store.clocks.series(deviceId, { limit })).map(reading => reading.driftSeconds)
    }

    test('a reading comes back as it was, the newest first', async () => {
      const id = await device()
      await record(id, -31)
      const first = new Date(under.clock.ms)
      under.clock.ms += 1
      await record(id, 0, 'set')
      assert.deepEqual(await (await under.reopen()).clocks.series(id, { limit: 9 }), [
        { readAt: new Date(under.clock.ms), localTime: '2026-01-05 08:00:00', driftSeconds: 0, kind: 'set' },
        { readAt: first, localTime: '2026-01-05 07:59:29', driftSeconds: -31, kind: 'read' },
      ])
      assert.deepEqual(await drifts(id, 1), [0])
    })

    test('one an hour is kept, and each that differs by two seconds or was set', async () => {
      const id = await device()
      await record(id, 5)
      for (const drift of [5, 6, 4, 5]) {
        under.clock.ms += 60_000
        await record(id, drift)
      }
      assert.deepEqual(await drifts(id), [5])
      await record(id, 3)
      assert.deepEqual(await drifts(id), [3, 5])
      await record(id, 4)
      await record(id, 3, 'set')
      await record(id, 3, 'set')
      assert.deepEqual(await drifts(id), [3, 3, 3, 5])
      under.clock.ms += HOUR_MS - 1
      await record(id, 3)
      assert.equal((await drifts(id)).length, 4)
      under.clock.ms += 1
      await record(id, 4)
      assert.deepEqual(await drifts(id), [4, 3, 3, 3, 5])
    })

    test('a clock of ours that was set back for long begins the hour anew', async () => {
      const id = await device()
      await record(id, 1)
      under.clock.ms -= DAY_MS
      await record(id, 1)
      await record(id, 1)
      assert.equal((await drifts(id)).length, 2)
    })

    test('devices have series of their own', async () => {
      const [a, b] = [await device(), await device()]
      await record(a, 1)
      await record(b, 1)
      assert.deepEqual([await drifts(a), await drifts(b)], [[1], [1]])
    })

    test('what is older than four hundred days goes, a few at a time', async () => {
      const [id, other] = [await device(), await device()]
      await record(other, 0)
      for (let i = 0; i < 25; i++) {
        await record(id, i)
        under.clock.ms += HOUR_MS
      }
      assert.equal((await drifts(id)).length, 25)
      under.clock.ms += 400 * DAY_MS
      const left: number[] = []
      for (let i = 0; i < 4; i++) {
        await record(id, 100 + 10 * i)
        left.push((await drifts(id)).length)
      }
      assert.deepEqual(left, [16, 7, 3, 4])
      assert.deepEqual(await drifts(other), [0])
    })
  })
}
