import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import {
  batchOf,
  endOf,
  freshStores,
  manyPunches,
  type OpenStore,
  outcome,
  rejectsWith,
  settings,
  startRun,
  takeLease,
} from './fixture.ts'

export function devicesContract(open: OpenStore): void {
  describe('devices', () => {
    const under = freshStores(open)

    test('a new device is as it was set, and nothing is known of it yet', async () => {
      const { store, clock } = under
      const device = await store.devices.add(
        settings({ name: 'Töröffnung 東', port: 5005, isActive: false, commKey: 7 }),
      )
      assert.deepEqual(device, {
        id: device.id,
        name: 'Töröffnung 東',
        host: '192.168.1.201',
        port: 5005,
        transport: 'auto',
        provenTransport: null,
        timezone: 'Europe/Berlin',
        tags: [],
        isActive: false,
        isLive: false,
        setsClock: false,
        liveState: null,
        serialNumber: null,
        model: null,
        firmware: null,
        recordsOnDevice: null,
        peopleReadAt: null,
        logCapacity: null,
        hasCommKey: true,
        lastSyncedAt: null,
        lastError: null,
        createdAt: new Date(clock.ms),
        updatedAt: new Date(clock.ms),
      })
      assert.deepEqual(await store.devices.get(device.id), device)
    })

    test('an edit changes what is given and leaves the rest', async () => {
      const { store, clock } = under
      const device = await store.devices.add(settings({ commKey: 5 }))
      clock.ms += 1000
      const edited = await store.devices.edit(device.id, { host: 'clock.example', isActive: false })
      assert.deepEqual(edited, { ...device, host: 'clock.example', isActive: false, updatedAt: new Date(clock.ms) })
      assert.equal(await store.devices.commKey(device.id), 5)
      const place = { name: 'n', host: 'h', port: 1, transport: 'udp', timezone: 'UTC' } as const
      const whole = settings({ ...place, isActive: true, isLive: true, setsClock: true })
      const { hasCommKey, ...now } = await store.devices.edit(device.id, whole)
      assert.equal(hasCommKey, false)
      assert.deepEqual({ ...now, ...whole }, { ...now, commKey: 0 })
    })

    test('tags come back in alphabetical order, are replaced as a whole, and go with their device', async () => {
      const { store } = under
      const { id, tags } = await store.devices.add(settings({ tags: ['payroll', 'Élan', 'a', 'Zebra', '門 🚪'] }))
      const sorted = ['a', 'Élan', 'payroll', 'Zebra', '門 🚪']
      assert.deepEqual(tags, sorted)
      const { id: other } = await store.devices.add(settings({ tags: ['A', 'a'] }))
      const { id: none } = await store.devices.add(settings())
      const listed = (await store.devices.list()).map(device => [device.id, device.tags])
      assert.deepEqual(listed, [
        [id, sorted],
        [other, ['a', 'A']],
        [none, []],
      ])
      assert.deepEqual((await store.devices.edit(id, { name: 'n' })).tags, sorted)
      assert.deepEqual((await store.devices.edit(id, { tags: ['a', 'new'] })).tags, ['a', 'new'])
      assert.deepEqual((await store.devices.edit(other, { tags: [] })).tags, [])
      assert.deepEqual((await store.devices.get(id)).tags, ['a', 'new'])
      assert.deepEqual(
        (await store.devices.list({ ids: [none, id] })).map(device => device.tags),
        [['a', 'new'], []],
      )
      await store.devices.remove(id)
      await rejectsWith('NOT_FOUND', store.devices.edit(id, { tags: ['a'] }))
      await rejectsWith('NOT_FOUND', store.devices.edit(id, { tags: [] }))
    })

    for (const commKey of [0, 1, 123456, 4294967295])
      test(`the comm key ${commKey} comes back, and is told of as ${commKey !== 0}`, async () => {
        const { store } = under
        const { id, hasCommKey } = await store.devices.add(settings({ commKey }))
        assert.equal(hasCommKey, commKey !== 0)
        assert.equal(await store.devices.commKey(id), commKey)
        assert.equal((await store.devices.edit(id, { commKey: 99 })).hasCommKey, true)
        assert.equal(await store.devices.commKey(id), 99)
        assert.equal((await store.devices.edit(id, { commKey: 0 })).hasCommKey, false)
        assert.equal(await store.devices.commKey(id), 0)
      })

    test('no answer but commKey() holds the comm key', async () => {
      const { store } = under
      const { id } = await store.devices.add(settings({ commKey: 987654321 }))
      const answers = [await store.devices.get(id), await store.devices.list(), await store.devices.edit(id, {})]
      assert(!/987654321|123456789|turned/.test(JSON.stringify(answers)))
    })

    test('lists in order of id, by activity and by ids', async () => {
      const { store } = under
      const ids: number[] = []
      for (const isActive of [true, false, true]) ids.push((await store.devices.add(settings({ isActive }))).id)
      const [a, b, c] = ids as [number, number, number]
      const listed = async (filter?: { active?: boolean; ids?: readonly number[] }) =>
        (await store.devices.list(filter)).map(device => device.id)
      assert.deepEqual(await listed(), [a, b, c])
      assert.deepEqual(await listed({ active: true }), [a, c])
      assert.deepEqual(await listed({ active: false }), [b])
      assert.deepEqual(await listed({ ids: [c, a, c, 999] }), [a, c])
      assert.deepEqual(await listed({ ids: [b, c], active: true }), [c])
      assert.deepEqual(await listed({ ids: [] }), [])
    })

    test('lists those that told a serial number, which is compared byte for byte', async () => {
      const { store } = under
      const [a, b, c] = [
        await store.devices.add(settings()),
        await store.devices.add(settings({ isActive: false })),
        await store.devices.add(settings()),
      ]
      const identity = { model: null, firmware: null, platform: null, transport: 'tcp' } as const
      for (const { id } of [a, b]) await store.devices.recordIdentity(id, { ...identity, serialNumber: 'CJ1' })
      await store.devices.recordIdentity(c.id, { ...identity, serialNumber: 'cj1' })
      const listed = async (filter: { active?: boolean; serialNumber: string }) =>
        (await store.devices.list(filter)).map(device => device.id)
      assert.deepEqual(await listed({ serialNumber: 'CJ1' }), [a.id, b.id])
      assert.deepEqual(await listed({ serialNumber: 'CJ1', active: true }), [a.id])
      assert.deepEqual(await listed({ serialNumber: 'CJ2' }), [])
    })

    test('what a device does not tell this time keeps its earlier value', async () => {
      const { store, clock } = under
      const { id, updatedAt: setAt } = await store.devices.add(settings())
      const told = {
        serialNumber: 'CJ1',
        model: 'K40',
        firmware: 'Ver 6.60',
        platform: 'ZMM',
        transport: 'udp',
      } as const
      await store.devices.recordIdentity(id, told)
      clock.ms += 5000
      await store.devices.recordIdentity(id, { ...told, serialNumber: null, firmware: 'Ver 6.61', transport: 'tcp' })
      const { serialNumber, model, firmware, provenTransport, updatedAt } = await store.devices.get(id)
      assert.deepEqual(
        { serialNumber, model, firmware, provenTransport },
        {
          serialNumber: 'CJ1',
          model: 'K40',
          firmware: 'Ver 6.61',
          provenTransport: 'tcp',
        },
      )
      assert.deepEqual(updatedAt, setAt, 'what a device says changes no setting')
    })

    test('what became of the wish for live stands until the wish is gone, and is no change of a setting', async () => {
      const { store, clock } = under
      const { id, updatedAt: setAt } = await store.devices.add(settings({ isLive: true }))
      clock.ms += 5000
      for (const state of ['down', 'listening', 'unsupported', null, 'down'] as const) {
        await store.devices.recordLiveState(id, state)
        const { liveState, updatedAt } = await store.devices.get(id)
        assert.deepEqual([liveState, updatedAt], [state, setAt])
      }
      assert.equal((await store.devices.edit(id, { name: 'n', isLive: true })).liveState, 'down')
      const unlived = await store.devices.edit(id, { isLive: false })
      assert.deepEqual([unlived.isLive, unlived.liveState], [false, null])
      await store.devices.recordLiveState(id, 'listening')
      assert.equal((await store.devices.get(id)).liveState, null, 'told too late')
    })

    test('what it counts is kept, and what it does not tell this time stays', async () => {
      const { store, clock } = under
      const { id, updatedAt: setAt } = await store.devices.add(settings())
      clock.ms += 5000
      const counted = async (records: number | null, capacity: number | null) => {
        await store.devices.recordCounters(id, { records, capacity })
        const { recordsOnDevice, logCapacity, updatedAt } = await store.devices.get(id)
        assert.deepEqual(updatedAt, setAt)
        return [recordsOnDevice, logCapacity]
      }
      assert.deepEqual(await counted(0, null), [0, null])
      assert.deepEqual(await counted(12, 100_000), [12, 100_000])
      assert.deepEqual(await counted(null, null), [12, 100_000])
      assert.deepEqual(await counted(3, null), [3, 100_000])
    })

    test('a device that does not exist is NOT_FOUND everywhere', async () => {
      const { store } = under
      const identity = { serialNumber: 'x', model: null, firmware: null, platform: null, transport: 'tcp' } as const
      const person = { uid: 1, userId: '1', name: '' }
      const attempts = [
        () => store.devices.get(77),
        () => store.devices.edit(77, { name: 'x' }),
        () => store.devices.remove(77),
        () => store.devices.commKey(77),
        () => store.devices.recordIdentity(77, identity),
        () => store.devices.recordLiveState(77, 'down'),
        () => store.devices.recordCounters(77, { records: 1, capacity: 1 }),
        () => store.clocks.record(77, { readAt: new Date(0), localTime: '', driftSeconds: 0, kind: 'read' }),
        () => store.people.record(77, [person], { from: '2026-01-01 00:00:00', until: '2026-01-01 00:00:00' }),
        () => takeLease(store, 77),
      ]
      for (const attempt of attempts) await rejectsWith('NOT_FOUND', attempt())
      assert.deepEqual(await store.people.spans(77), [])
      assert.deepEqual(await store.coverage.spans(77), [])
      assert.deepEqual(await store.clocks.series(77, { limit: 9 }), [])
      assert.equal(await store.leases.holderOf(77), null)
      assert.equal(await store.punches.checkpoint(77), null)
      assert.deepEqual(await store.devices.list({ ids: [77] }), [])
    })

    test('a removed device takes everything of its own along, and nothing else', async () => {
      const { store, clock } = under
      const gone = await startRun(store)
      const stays = await startRun(store)
      for (const run of [gone, stays]) {
        const quarantined = [{ raw: Uint8Array.of(1), reason: 'NO_TIME' as const }]
        await store.punches.commit(batchOf(run, { punches: manyPunches(5), quarantined }))
        await store.people.record(run.device.id, [{ uid: 1, userId: '1', name: 'A' }], {
          from: '2026-01-01 00:00:00',
          until: '2026-01-01 00:00:00',
        })
        const reading = {
          readAt: new Date(clock.ms),
          localTime: '2026-01-05 09:00:00',
          driftSeconds: 0,
          kind: 'read',
        } as const
        await store.clocks.record(run.device.id, reading)
        const coverage = { atMs: 1000, isSeen: true, continues: false, fromMs: 0, because: 'first-read' } as const
        await store.punches.finish(endOf(run, { outcome: outcome({ received: 6 }), coverage }))
      }
      await store.devices.remove(gone.device.id)
      assert.deepEqual(
        (await store.devices.list()).map(device => device.id),
        [stays.device.id],
      )
      assert.equal(await store.logs.count({}), 5)
      assert.equal(await store.logs.count({ deviceIds: [gone.device.id] }), 0)
      assert.deepEqual(
        (await store.punches.runs({ limit: 9 })).map(run => run.deviceId),
        [stays.device.id],
      )
      assert.deepEqual(
        (await store.punches.quarantine({ limit: 9 })).map(record => record.deviceId),
        [stays.device.id],
      )
      for (const [{ device }, left] of [
        [gone, 0],
        [stays, 1],
      ] as const) {
        assert.equal((await store.people.spans(device.id)).length, left)
        assert.equal((await store.coverage.spans(device.id)).length, left)
        assert.equal((await store.clocks.series(device.id, { limit: 9 })).length, left)
      }
      await rejectsWith('LEASE_LOST', store.punches.commit(batchOf(gone, { punches: manyPunches(1) })))
      await rejectsWith('LEASE_LOST', store.leases.renew(gone.lease, 1000))
      assert.notEqual((await store.devices.add(settings())).id, gone.device.id, 'an id is never used again')
    })

    test('another store on the same database sees what was added', async () => {
      const { store } = under
      const device = await store.devices.add(settings({ commKey: 11 }))
      const other = await under.reopen()
      assert.deepEqual(await other.devices.list(), [device])
      assert.equal(await other.devices.commKey(device.id), 11)
    })

    test('answers pings until it is closed, and may be closed twice', async () => {
      const store = await under.reopen()
      await store.ping()
      await store[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await rejectsWith('STORE_UNAVAILABLE', store.ping())
      await rejectsWith('STORE_UNAVAILABLE', store.devices.add(settings()))
    })
  })
}
