import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import {
  batchOf,
  checkpointOf,
  endOf,
  freshStores,
  type OpenStore,
  punch,
  type Running,
  settings,
  startRun,
  takeLease,
} from './fixture.ts'

const HOUR_MS = 3_600_000
const oneBadRecord = (byte: number) => ({ raw: Uint8Array.of(byte), reason: 'NO_TIME' as const })
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 0, 5, hour, minute))

export function standingsContract(open: OpenStore): void {
  describe('standings', () => {
    const under = freshStores(open)

    /** A punch of the same user at each of these moments, and so many bad records. */
    async function read(punchedAt: readonly Date[], badRecords = 0): Promise<Running> {
      const run = await startRun(under.store)
      const punches = punchedAt.map((date, i) => punch('7', i, { punchedAtMs: date.getTime() }))
      const quarantined = Array.from({ length: badRecords }, (_, byte) => oneBadRecord(byte))
      await under.store.punches.commit(batchOf(run, { punches, quarantined }))
      return run
    }

    test('the newest runs of each device, the newest first, and none of others', async () => {
      const { store } = under
      const [a, b] = [await startRun(store), await startRun(store)]
      const later: number[] = []
      for (let i = 0; i < 3; i++) {
        later.push(await store.punches.beginRun(a.lease, 'tail'))
        await store.punches.beginRun(b.lease, 'unchanged')
      }
      const { id: unread } = await store.devices.add(settings())
      const runs = await store.standings.newestRuns([a.device.id, unread, 999], 2)
      assert.deepEqual([...runs.keys()], [a.device.id])
      assert.deepEqual(runs.get(a.device.id), await store.punches.runs({ deviceId: a.device.id, limit: 2 }))
      assert.deepEqual(
        runs.get(a.device.id)?.map(run => run.id),
        [later[2], later[1]],
      )
      assert.equal((await store.standings.newestRuns([b.device.id], 9)).get(b.device.id)?.length, 4)
    })

    test('the newest punch of each device is that of the latest instant, not the one that came last', async () => {
      const { store } = under
      const [a, b] = [await read([at(9), at(12), at(10)]), await read([at(8)])]
      const { id: unread } = await store.devices.add(settings())
      const newest = await store.standings.newestPunches([b.device.id, a.device.id, unread])
      assert.deepEqual(
        newest,
        new Map([
          [a.device.id, at(12)],
          [b.device.id, at(8)],
        ]),
      )
    })

    test('the newest reading of each clock is the one that came last', async () => {
      const { store, clock } = under
      const [a, b] = [await store.devices.add(settings()), await store.devices.add(settings())]
      for (const driftSeconds of [5, -40]) {
        const reading = {
          readAt: new Date(clock.ms),
          localTime: '2026-01-05 08:00:00',
          driftSeconds,
          kind: 'read' as const,
        }
        await store.clocks.record(a.id, reading)
      }
      const [last] = await store.clocks.series(a.id, { limit: 1 })
      assert.equal(last?.driftSeconds, -40)
      assert.deepEqual(await store.standings.newestReadings([a.id, b.id]), new Map([[a.id, last]]))
    })

    test('spans that reach behind a moment, and how many records were read last', async () => {
      const { store } = under
      const run = await startRun(store)
      const { id } = run.device
      const proof = { isSeen: true, continues: false, fromMs: 0, because: 'first-read' as const }
      for (const [i, atMs] of [at(1).getTime(), at(3).getTime()].entries()) {
        const runId = i === 0 ? run.runId : await store.punches.beginRun(run.lease, 'full')
        const coverage = { ...proof, atMs }
        await store.punches.finish({
          ...endOf(run, { coverage, checkpoint: checkpointOf({ recordCount: 7 + i }) }),
          runId,
        })
      }
      const all = await store.coverage.spans(id)
      assert.equal(all.length, 2)
      assert.deepEqual(await store.standings.spans([id, 999], new Date(0)), new Map([[id, all]]))
      assert.deepEqual(await store.standings.spans([id], at(1)), new Map([[id, all.slice(1)]]))
      assert.deepEqual(await store.standings.spans([id], at(3)), new Map())
      assert.deepEqual(await store.standings.recordCounts([id, 999]), new Map([[id, 8]]))
    })

    test('punches and quarantined records are counted for each device', async () => {
      const { store } = under
      const [a, b] = [await read([at(8), at(9), at(10)], 2), await read([at(9)], 1)]
      const [idA, idB] = [a.device.id, b.device.id]
      const { id: unread } = await store.devices.add(settings())
      const within = { since: at(9), until: at(10) }
      assert.deepEqual(
        await store.standings.punchCounts([idA, idB, unread], within),
        new Map([
          [idA, 2],
          [idB, 1],
        ]),
      )
      assert.deepEqual(await store.standings.punchCounts([idB], { since: at(10), until: at(11) }), new Map())
      assert.deepEqual(await store.standings.openQuarantine([idA, unread]), new Map([[idA, 2]]))
      assert.deepEqual(
        await store.standings.openQuarantine(),
        new Map([
          [idA, 2],
          [idB, 1],
        ]),
      )
    })

    test('a lease tells when it was taken or renewed, and nothing once it is given back or has expired', async () => {
      const { store, clock } = under
      const ids = [(await store.devices.add(settings())).id, (await store.devices.add(settings())).id] as const
      const [first, second] = [await takeLease(store, ids[0]), await takeLease(store, ids[1])]
      const takenAt = new Date(clock.ms)
      clock.ms += 20_000
      await store.leases.renew(first, 60_000)
      const held = new Map([
        [ids[0], { renewedAt: new Date(clock.ms) }],
        [ids[1], { renewedAt: takenAt }],
      ])
      assert.deepEqual(await store.standings.leases(ids), held)
      await store.leases.release(second)
      assert.deepEqual([...(await store.standings.leases(ids)).keys()], [ids[0]])
      clock.ms += 60_000
      assert.deepEqual(await store.standings.leases(ids), new Map())
    })

    test('punches are counted in each span of time, whose end belongs to the next one', async () => {
      const { store } = under
      await read([at(8), at(8, 59), at(9), at(10, 30)])
      await read([at(9, 1)])
      const spans = [8, 9, 10, 11].map(hour => ({ from: at(hour), until: new Date(at(hour).getTime() + HOUR_MS) }))
      assert.deepEqual(await store.standings.punchesIn(spans), [2, 2, 1, 0])
      assert.deepEqual(await store.standings.punchesIn([]), [])
    })

    test('of no device there is nothing, and of many devices everything', async () => {
      const { store } = under
      const { standings } = store
      const none = [
        await standings.newestRuns([], 3),
        await standings.newestPunches([]),
        await standings.newestReadings([]),
        await standings.recordCounts([]),
        await standings.spans([], at(0)),
        await standings.punchCounts([], { since: at(0), until: at(1) }),
        await standings.openQuarantine([]),
        await standings.leases([]),
      ]
      for (const map of none) assert.equal(map.size, 0)
      await read([at(8)])
      const last = await read([at(9)], 1)
      // More than one statement takes, and the ones that there are at both ends.
      const ids = [1, ...Array.from({ length: 1000 }, (_, i) => 1000 + i), last.device.id]
      assert.deepEqual([...(await standings.newestPunches(ids)).values()], [at(8), at(9)])
      assert.equal((await standings.newestRuns(ids, 20)).size, 2)
      assert.equal((await standings.openQuarantine(ids)).size, 1)
      assert.equal((await standings.leases(ids)).size, 2)
    })
  })
}
