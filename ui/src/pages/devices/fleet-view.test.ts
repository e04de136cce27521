import { expect, test } from 'vitest'
import { standingSample } from '../../parts/standing.sample.ts'
import type { DevicesSearch } from '../../search.ts'
import { fleetView, sortedBy, tagsOfAll } from './fleet-view.ts'

const fleet = [
  standingSample(1, {
    device: { name: 'Gate 10', serial_number: 'CKUH2119', tags: ['north'] },
    state: 'late',
    drift_s: -70,
    memory: { records: 5, capacity: null, percent_full: null, full_in_days: null },
  }),
  standingSample(2, {
    device: { name: 'gate 9', host: 'gate.example.org', tags: ['North hall', 'south'] },
    state: 'down',
    drift_s: 20,
    last_punch_at: null,
  }),
  standingSample(3, {
    device: { name: 'Canteen' },
    drift_s: null,
    memory: { records: null, capacity: 100, percent_full: 95, full_in_days: 2 },
    last_punch_at: '2026-03-02T07:00:00.000Z',
  }),
]
const idsOf = (search: DevicesSearch) => fleetView(fleet, search, 'en').map(({ device }) => device.id)

test.each<{ search: DevicesSearch; ids: readonly number[] }>([
  { search: {}, ids: [3, 2, 1] },
  { search: { down: true }, ids: [1, 2, 3] },
  { search: { sort: 'state' }, ids: [2, 1, 3] },
  { search: { sort: 'state', down: true }, ids: [3, 1, 2] },
  { search: { sort: 'last_punch', down: true }, ids: [1, 3, 2] },
  { search: { sort: 'last_punch' }, ids: [3, 1, 2] },
  { search: { sort: 'records' }, ids: [1, 2, 3] },
  { search: { sort: 'memory', down: true }, ids: [3, 2, 1] },
  { search: { sort: 'drift', down: true }, ids: [1, 2, 3] },
  { search: { sort: 'last_contact' }, ids: [3, 2, 1] },
])('$search gives the order $ids', ({ search, ids }) => {
  expect(idsOf(search)).toEqual(ids)
})

test.each<{ search: DevicesSearch; ids: readonly number[] }>([
  { search: { q: 'GATE' }, ids: [2, 1] },
  { search: { q: 'gate.example' }, ids: [2] },
  { search: { q: 'ckuh' }, ids: [1] },
  { search: { q: 'north' }, ids: [2, 1] },
  { search: { q: ' gate  north hall ' }, ids: [2] },
  { search: { q: 'nothing like it' }, ids: [] },
  { search: { state: 'down' }, ids: [2] },
  { search: { tag: 'north' }, ids: [1] },
  { search: { tag: 'SOUTH' }, ids: [2] },
  { search: { tag: 'south', state: 'late' }, ids: [] },
])('$search finds $ids', ({ search, ids }) => {
  expect(idsOf(search)).toEqual(ids)
})

test('all tags of a fleet stand once each, in order', () => {
  const shouting = standingSample(4, { device: { tags: ['SOUTH'] } })
  expect(tagsOfAll([shouting, ...fleet, ...fleet], 'en')).toEqual(['north', 'North hall', 'south'])
})

test('a click on a header sorts by it, a second one the other way around, and filters stay', () => {
  expect(sortedBy({ q: 'gate' }, 'state')).toEqual({ q: 'gate', sort: 'state' })
  expect(sortedBy({ q: 'gate', sort: 'state' }, 'state')).toEqual({ q: 'gate', sort: 'state', down: true })
  expect(sortedBy({ sort: 'state', down: true }, 'state')).toEqual({ sort: 'state' })
  expect(sortedBy({}, 'name')).toEqual({ sort: 'name', down: true })
})

test('of memory one looks for the fullest first', () => {
  expect(sortedBy({ sort: 'name', down: true }, 'memory')).toEqual({ sort: 'memory', down: true })
  expect(sortedBy({ sort: 'memory', down: true }, 'memory')).toEqual({ sort: 'memory' })
})
