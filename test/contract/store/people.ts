import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Person } from '../../../src/model/device.ts'
import type { Store } from '../../../src/model/store.ts'
import { freshStores, type OpenStore, settings } from './fixture.ts'

const [MONDAY, TUESDAY, FRIDAY] = ['2026-01-05 09:00:00', '2026-01-06 09:00:00', '2026-01-09 09:00:00'] as const

const ann = { uid: 1, userId: '0042', name: 'Ann' }
const bob = { uid: 2, userId: '7', name: 'Bob' }

export function peopleContract(open: OpenStore): void {
  describe('people', () => {
    const under = freshStores(open)

    async function spansAfter(reads: ReadonlyArray<readonly [string, readonly Person[]]>): Promise<string[]> {
      const { store } = under
      const { id } = await store.devices.add(settings())
      for (const [seen, people] of reads) await store.people.record(id, people, { from: seen, until: seen })
      return spansOf(store, id)
    }

    const cases: Array<{ name: string; reads: Array<[string, Person[]]>; spans: string[] }> = [
      { name: 'nobody was ever seen', reads: [[MONDAY, []]], spans: [] },
      { name: 'seen once, a span is one moment', reads: [[MONDAY, [ann]]], spans: [`1 0042 Ann ${MONDAY} ${MONDAY}`] },
      {
        name: 'seen again, the span lengthens',
        reads: [
          [MONDAY, [ann, bob]],
          [TUESDAY, [ann, bob]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${TUESDAY}`, `2 7 Bob ${MONDAY} ${TUESDAY}`],
      },
      {
        name: 'whoever is gone keeps the last span',
        reads: [
          [MONDAY, [ann, bob]],
          [TUESDAY, [ann]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${TUESDAY}`, `2 7 Bob ${MONDAY} ${MONDAY}`],
      },
      {
        name: 'a slot that changed hands opens a span, oldest first',
        reads: [
          [MONDAY, [ann]],
          [TUESDAY, [{ ...bob, uid: 1 }]],
          [FRIDAY, [{ ...bob, uid: 1 }]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${MONDAY}`, `1 7 Bob ${TUESDAY} ${FRIDAY}`],
      },
      {
        name: 'a slot given back to its first holder opens a third span',
        reads: [
          [MONDAY, [ann]],
          [TUESDAY, [{ ...bob, uid: 1 }]],
          [FRIDAY, [ann]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${MONDAY}`, `1 7 Bob ${TUESDAY} ${TUESDAY}`, `1 0042 Ann ${FRIDAY} ${FRIDAY}`],
      },
      {
        name: 'a new name is the same person',
        reads: [
          [MONDAY, [ann]],
          [TUESDAY, [{ ...ann, name: 'Ännchen' }]],
        ],
        spans: [`1 0042 Ännchen ${MONDAY} ${TUESDAY}`],
      },
      {
        name: 'a device clock set back shortens nothing',
        reads: [
          [TUESDAY, [ann]],
          [MONDAY, [ann]],
        ],
        spans: [`1 0042 Ann ${TUESDAY} ${TUESDAY}`],
      },
      {
        name: 'a slot named twice holds the first, however often it is read',
        reads: [
          [MONDAY, [ann, { ...bob, uid: 1 }]],
          [TUESDAY, [ann, { ...bob, uid: 1 }]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${TUESDAY}`],
      },
      {
        name: 'a leading zero makes another user id',
        reads: [
          [MONDAY, [ann]],
          [TUESDAY, [{ ...ann, userId: '42' }]],
        ],
        spans: [`1 0042 Ann ${MONDAY} ${MONDAY}`, `1 42 Ann ${TUESDAY} ${TUESDAY}`],
      },
    ]
    for (const { name, reads, spans } of cases) test(name, async () => assert.deepEqual(await spansAfter(reads), spans))

    test('a device remembers when its people were last read, by whomever', async () => {
      const { id } = await under.store.devices.add(settings())
      await under.store.people.record(id, [], { from: '2026-01-05 09:00:00', until: '2026-01-05 09:00:01' })
      assert.equal((await under.store.devices.get(id)).peopleReadAt?.getTime(), under.clock.ms)
    })

    test('devices do not share people', async () => {
      const { store } = under
      const [a, b] = [await store.devices.add(settings()), await store.devices.add(settings())]
      await store.people.record(a.id, [ann], { from: MONDAY, until: MONDAY })
      await store.people.record(b.id, [bob], { from: TUESDAY, until: TUESDAY })
      assert.deepEqual(await spansOf(store, a.id), [`1 0042 Ann ${MONDAY} ${MONDAY}`])
      assert.deepEqual(await spansOf(store, b.id), [`2 7 Bob ${TUESDAY} ${TUESDAY}`])
    })

    test('ten thousand people fit', async () => {
      const { store } = under
      const { id } = await store.devices.add(settings())
      const people = Array.from({ length: 10_000 }, (_, uid) => ({ uid, userId: String(uid), name: `N${uid}` }))
      await store.people.record(id, people, { from: MONDAY, until: MONDAY })
      await store.people.record(id, people, { from: TUESDAY, until: TUESDAY })
      const spans = await store.people.spans(id)
      assert.equal(spans.length, 10_000)
      assert(spans.every(span => span.firstSeenLocal === MONDAY && span.lastSeenLocal === TUESDAY))
    })
  })
}

async function spansOf(store: Store, deviceId: number): Promise<string[]> {
  return (await store.people.spans(deviceId)).map(span =>
    [span.uid, span.userId, span.name, span.firstSeenLocal, span.lastSeenLocal].join(' '),
  )
}
