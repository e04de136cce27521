import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { QUARANTINE_REASONS, type QuarantineReason } from '../../../src/model/punch.ts'
import {
  batchOf,
  freshStores,
  manyPunches,
  type OpenStore,
  punch,
  rejectsWith,
  startRun,
  storedPunches,
  takeLease,
} from './fixture.ts'

export function punchesContract(open: OpenStore): void {
  describe('punches', () => {
    const under = freshStores(open)

    test('a punch is stored as it came, byte for byte', async () => {
      const { store, clock } = under
      const run = await startRun(store)
      const buffer = Uint8Array.from({ length: 100 }, (_, i) => 255 - i)
      const given = punch('000123', 59.5, {
        localTime: '2026-03-29 02:30:00',
        punchState: 255,
        verifyMode: 15,
        workCode: 4294967295,
        layout: '40+12',
        raw: buffer.subarray(10, 62),
        timeNote: 'skipped',
      })
      const batch = batchOf(run, { source: 'push', driftSeconds: -31, punches: [given] })
      assert.equal((await store.punches.commit(batch)).inserted, 1)
      const [log, ...more] = await store.logs.page({}, { limit: 10 })
      assert(log && more.length === 0)
      assert.deepEqual(log, {
        id: log.id,
        deviceId: run.device.id,
        deviceUserId: '000123',
        punchedAt: new Date(Date.UTC(2026, 0, 1) + 59_500).toISOString(),
        localTime: '2026-03-29 02:30:00',
        timeNote: 'skipped',
        punchState: 255,
        verifyMode: 15,
        workCode: 4294967295,
        source: 'push',
        recordLayout: '40+12',
        rawRecord: buffer.subarray(10, 62).toHex(),
        clockDriftSeconds: -31,
        createdAt: new Date(clock.ms).toISOString(),
      })
    })

    test('user ids that merely look alike are different people', async () => {
      const { store } = under
      const run = await startRun(store)
      const ids = [
        'A',
        'a',
        'a ',
        ' a',
        'á',
        'a\u0301',
        'ä',
        'ß',
        'ss',
        '1',
        '01',
        '001',
        '1.0',
        '东',
        '🙂',
        'x'.repeat(24),
      ]
      const punches = ids.map(id => punch(id, 1))
      assert.equal((await store.punches.commit(batchOf(run, { punches }))).inserted, ids.length)
      assert.equal((await store.punches.commit(batchOf(run, { punches }))).inserted, 0)
      for (const id of ids) {
        assert.deepEqual(
          (await store.logs.page({ user: id }, { limit: 9 })).map(log => log.deviceUserId),
          [id],
        )
        assert.equal(await store.logs.count({ user: id }), 1)
      }
    })

    test('the same punch is stored once, whichever way, and the first stands', async () => {
      const { store } = under
      const run = await startRun(store)
      const first = punch('1', 1, { punchState: 0 })
      const second = punch('1', 1, { punchState: 1, raw: Uint8Array.of(9), punchedAtMs: 0 })
      assert.equal((await store.punches.commit(batchOf(run, { punches: [first, second, first] }))).inserted, 1)
      assert.equal((await store.punches.commit(batchOf(run, { source: 'live', punches: [second] }))).inserted, 0)
      const logs = await store.logs.page({}, { limit: 9 })
      assert.deepEqual(
        logs.map(log => [log.punchState, log.source]),
        [[0, 'poll']],
      )
    })

    test('another second, user or device makes another punch', async () => {
      const { store } = under
      const [run, other] = [await startRun(store), await startRun(store)]
      await store.punches.commit(batchOf(run, { punches: [punch('1', 1), punch('1', 2), punch('2', 1)] }))
      assert.equal((await store.punches.commit(batchOf(other, { punches: [punch('1', 1)] }))).inserted, 1)
      assert.equal(await store.logs.count({}), 4)
    })

    test('a user id may look like an instant', async () => {
      const { store } = under
      const run = await startRun(store)
      const userId = '2026-01-05T08:30:00.000Z'
      await store.punches.commit(batchOf(run, { punches: [punch(userId, 1), punch(userId.slice(0, -1), 1)] }))
      assert.deepEqual(
        (await store.logs.page({ user: userId }, { limit: 9 })).map(log => log.deviceUserId),
        [userId],
      )
    })

    test('which of a batch were new is told by their ids, whatever other devices store meanwhile', async () => {
      const { store } = under
      const [run, other] = [await startRun(store), await startRun(store)]
      await store.punches.commit(batchOf(run, { punches: [punch('1', 5), punch('1', 3)] }))
      const [told, beside] = await Promise.all([
        store.punches.commit(batchOf(run, { punches: manyPunches(700).map(each => ({ ...each, userId: '1' })) })),
        store.punches.commit(batchOf(other, { punches: manyPunches(900) })),
      ])
      for (const [{ inserted, ids }, of, known] of [
        [told, run, [3, 5]],
        [beside, other, []],
      ] as const) {
        const found: number[] = []
        for await (const log of store.logs.scan({ deviceIds: [of.device.id] })) {
          const isNew = ids !== null && log.id >= ids.first && log.id <= ids.last
          if (isNew) found.push(Date.parse(log.punchedAt) / 1000 - Date.UTC(2026, 0, 1) / 1000)
        }
        assert.equal(found.length, inserted)
        assert.deepEqual(
          known.filter(second => found.includes(second)),
          [],
        )
      }
      assert.deepEqual([told.inserted, beside.inserted], [698, 900])
      const again = await store.punches.commit(batchOf(run, { punches: [punch('1', 5)] }))
      assert.deepEqual(again, { inserted: 0, ids: null })
    })

    test('only what is new of an overlapping batch is counted', async () => {
      const { store } = under
      const run = await startRun(store)
      assert.equal((await store.punches.commit(batchOf(run, { punches: manyPunches(700) }))).inserted, 700)
      assert.equal((await store.punches.commit(batchOf(run, { punches: manyPunches(700, 500) }))).inserted, 500)
      assert.equal(await store.logs.count({}), 1200)
    })

    for (const count of [0, 1, 999, 1000, 1001, 2520, 2521, 40_000])
      test(`a batch of ${count} is stored whole, in its order`, async () => {
        const { store } = under
        const run = await startRun(store)
        const punches = manyPunches(count)
        assert.equal((await store.punches.commit(batchOf(run, { punches }))).inserted, count)
        assert.deepEqual(
          await storedPunches(store),
          punches.map(each => `${each.userId}@${each.localTime}`),
        )
      })

    test('a batch with one row that cannot be stored stores nothing', async () => {
      const { store } = under
      const run = await startRun(store)
      const bad = punch('3', 3, { localTime: null as unknown as string })
      const quarantined = [{ raw: Uint8Array.of(1), reason: 'NO_TIME' as const }]
      const batch = batchOf(run, { punches: [...manyPunches(10), bad], quarantined })
      await rejectsWith('STORE_FAILED', store.punches.commit(batch))
      assert.equal(await store.logs.count({}), 0)
      assert.deepEqual(await store.quarantine.page({ limit: 9 }), [])
      assert.equal((await store.punches.commit(batchOf(run, { punches: manyPunches(10) }))).inserted, 10)
    })

    test('quarantined records are kept with every reason, and the same bytes once for each', async () => {
      const { store, clock } = under
      const [run, other] = [await startRun(store), await startRun(store)]
      const raw = Uint8Array.of(0, 0x0a, 0xff)
      const reasons = Object.keys(QUARANTINE_REASONS) as QuarantineReason[]
      const quarantined = reasons.map(reason => ({ raw, reason }))
      await store.punches.commit(batchOf(run, { quarantined: [...quarantined, ...quarantined] }))
      const createdAt = new Date(clock.ms)
      clock.ms += 1000
      await store.punches.commit(batchOf(run, { quarantined }))
      await store.punches.commit(batchOf(other, { quarantined: quarantined.slice(0, 1) }))
      const kept = await store.quarantine.page({ deviceId: run.device.id, limit: 99 })
      assert.deepEqual(kept.map(record => record.reason).sort(), reasons.sort())
      for (const record of kept) assert.deepEqual([record.raw, record.createdAt], [raw, createdAt])
      const below = await store.quarantine.page({ limit: 99, before: kept[0]?.id ?? 0 })
      assert.deepEqual(below, kept.slice(1))
      const [newest, ...more] = await store.quarantine.page({ limit: 1 })
      assert.deepEqual([newest?.deviceId, more], [other.device.id, []])
    })

    test('thousands of quarantined records in one batch', async () => {
      const { store } = under
      const run = await startRun(store)
      const quarantined = Array.from({ length: 9000 }, (_, i) => ({
        raw: Uint8Array.of(i >> 8, i & 255),
        reason: 'IMPOSSIBLE_DATE' as const,
      }))
      await store.punches.commit(batchOf(run, { quarantined }))
      assert.equal((await store.quarantine.page({ limit: 10_000 })).length, 9000)
    })

    test('whoever was overtaken stores nothing, by whichever door', async () => {
      const { store, clock } = under
      const run = await startRun(store, 'one')
      clock.ms += 60_001
      assert.equal((await store.punches.commit(batchOf(run, { punches: [punch('1', 1)] }))).inserted, 1, 'not yet')
      const lease = await takeLease(store, run.device.id, 'two')
      const quarantined = [{ raw: Uint8Array.of(1), reason: 'NO_TIME' as const }]
      await rejectsWith('LEASE_LOST', store.punches.commit(batchOf(run, { punches: [punch('1', 2)], quarantined })))
      await rejectsWith('LEASE_LOST', store.punches.beginRun(run.lease, 'full'))
      for (const forged of [
        { ...lease, token: lease.token + 1 },
        { ...lease, holder: 'one' },
        { ...lease, deviceId: 99 },
      ])
        await rejectsWith(
          'LEASE_LOST',
          store.punches.commit({ ...batchOf(run, { punches: [punch('1', 2)] }), lease: forged }),
        )
      assert.equal(await store.logs.count({}), 1)
      assert.deepEqual(await store.quarantine.page({ limit: 9 }), [])
      await store.leases.release(lease)
      await rejectsWith('LEASE_LOST', store.punches.commit(batchOf(run, { punches: [punch('1', 2)] })))
    })

    test('what was told live belongs to no run, and counts in none', async () => {
      const { store } = under
      const run = await startRun(store)
      await store.punches.commit(batchOf(run, { punches: manyPunches(3) }))
      const quarantined = [{ raw: Uint8Array.of(1), reason: 'NO_TIME' as const }]
      const live = { runId: null, source: 'live', driftSeconds: 4, punches: manyPunches(3, 2), quarantined } as const
      assert.equal((await store.punches.commit(batchOf(run, live))).inserted, 2)
      const told = (await store.logs.page({}, { limit: 9 })).map(log => [log.source, log.clockDriftSeconds])
      const [asked, heard] = [
        ['poll', null],
        ['live', 4],
      ]
      assert.deepEqual(told, [heard, heard, asked, asked, asked])
      assert.equal((await store.quarantine.page({ limit: 9 })).length, 1)
      const [counted] = await store.punches.runs({ limit: 9 })
      assert.deepEqual([counted?.received, counted?.inserted, counted?.quarantined], [3, 3, 0])
    })

    test('lists that are made while they are read are read once, punches first', async () => {
      const { store } = under
      const run = await startRun(store)
      const steps: string[] = []
      const raw = Uint8Array.of(9)
      function* punches() {
        for (const each of manyPunches(1000)) {
          steps.push('punch')
          yield each
        }
      }
      function* quarantined() {
        steps.push('quarantined')
        yield { raw, reason: 'NO_TIME' as const }
      }
      const batch = batchOf(run, { punches: punches(), quarantined: quarantined() })
      assert.equal((await store.punches.commit(batch)).inserted, 1000)
      assert.deepEqual([steps.length, steps.indexOf('quarantined')], [1001, 1000])
      const [counted] = await store.punches.runs({ limit: 1 })
      assert.deepEqual([counted?.received, counted?.quarantined], [1001, 1])
    })

    test('a list that breaks off while it is made leaves nothing of its transaction', async () => {
      const { store } = under
      const run = await startRun(store)
      function* punches() {
        yield* manyPunches(1500)
        throw new Error('the bytes make no record')
      }
      const quarantined = [{ raw: Uint8Array.of(1), reason: 'NO_TIME' as const }]
      for (const runId of [run.runId, null]) {
        const commit = store.punches.commit(batchOf(run, { runId, punches: punches(), quarantined }))
        await assert.rejects(commit, /make no record/)
      }
      const survivor = await under.reopen()
      assert.equal(await survivor.logs.count({}), 0)
      assert.deepEqual(await survivor.quarantine.page({ limit: 9 }), [])
      assert.equal((await survivor.punches.runs({ limit: 1 }))[0]?.received, 0)
    })

    test('a run of another device, or none, takes no punches', async () => {
      const { store } = under
      const [run, other] = [await startRun(store), await startRun(store)]
      for (const runId of [other.runId, 999])
        await rejectsWith('NOT_FOUND', store.punches.commit({ ...batchOf(run, { punches: [punch('1', 1)] }), runId }))
      assert.equal(await store.logs.count({}), 0)
    })
  })
}
