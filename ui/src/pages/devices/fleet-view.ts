import type { DeviceStandingJson } from '../../api/types.ts'
import type { DeviceState } from '../../parts/state-pill.tsx'
import type { DevicesSearch } from '../../search.ts'

export type DeviceSort = NonNullable<DevicesSearch['sort']>

/** The devices that fit what stands in the address, in its order. */
export function fleetView(
  standings: readonly DeviceStandingJson[],
  { state, q, tag, sort = 'name', down }: DevicesSearch,
  language: string,
): readonly DeviceStandingJson[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const fitting = standings.filter(
    standing =>
      (state === undefined || standing.state === state) &&
      (tag === undefined || standing.device.tags.some(one => one.toLowerCase() === tag.toLowerCase())) &&
      words.every(word => isNamedBy(standing, word)),
  )
  // Gates are numbered: gate 10 comes after gate 9.
  const collator = new Intl.Collator(language, { numeric: true })
  const byName = (a: DeviceStandingJson, b: DeviceStandingJson) =>
    collator.compare(a.device.name, b.device.name) || a.device.id - b.device.id
  if (sort === 'name') return down ? fitting.toSorted(byName).reverse() : fitting.toSorted(byName)
  const rank = RANKS[sort]
  const turn = down ? -1 : 1
  return fitting.toSorted((a, b) => compareRanks(rank(a), rank(b), turn) || byName(a, b))
}

/** All tags of the fleet. Those that differ in case alone are one, as they are on a device. */
export function tagsOfAll(standings: readonly DeviceStandingJson[], language: string): readonly string[] {
  const tags = new Map<string, string>()
  for (const tag of standings.flatMap(({ device }) => device.tags)) tags.set(tag.toLowerCase(), tag)
  return [...tags.values()].toSorted(new Intl.Collator(language, { numeric: true }).compare)
}

/** What needs somebody first. */
const STATE_RANKS: Readonly<Record<DeviceState, number>> = { down: 0, late: 1, new: 2, online: 3, paused: 4 }

const RANKS: Readonly<Record<Exclude<DeviceSort, 'name'>, (standing: DeviceStandingJson) => number | null>> = {
  state: ({ state }) => STATE_RANKS[state],
  last_punch: ({ last_punch_at }) => msOf(last_punch_at),
  last_contact: ({ last_contact_at }) => msOf(last_contact_at),
  records: ({ memory }) => memory.records,
  memory: ({ memory }) => memory.percent_full,
  // A clock that is behind is as wrong as one that is ahead.
  drift: ({ drift_s }) => (drift_s === null ? null : Math.abs(drift_s)),
}

function msOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant)
}

/** What is not known comes last in either direction. */
function compareRanks(a: number | null, b: number | null, turn: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return (a - b) * turn
}

function isNamedBy(standing: DeviceStandingJson, word: string): boolean {
  const { name, host, serial_number, tags } = standing.device
  return [name, host, serial_number ?? '', ...tags].some(text => text.toLowerCase().includes(word))
}

/** What a click on the header of a column asks for: this column, or the other direction of it. */
export function sortedBy(search: DevicesSearch, sort: DeviceSort): DevicesSearch {
  const { down, sort: before = 'name', ...rest } = search
  const isTurned = before === sort ? down !== true : LARGEST_FIRST.has(sort)
  return { ...rest, sort, ...(isTurned ? { down: true } : {}) }
}

/** Of these one looks for the newest, the fullest, the most wrong. */
const LARGEST_FIRST: ReadonlySet<DeviceSort> = new Set(['last_punch', 'last_contact', 'records', 'memory', 'drift'])
