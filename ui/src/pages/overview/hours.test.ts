import { expect, test } from 'vitest'
import { barByKey, barsOf, isNamed } from './hours.ts'

const today = (punches: readonly number[]) => ({
  timezone: 'UTC',
  date: '2026-03-02',
  punches: punches.reduce((sum, count) => sum + count, 0),
  hours: punches.map((count, hour) => ({ from: new Date(Date.UTC(2026, 2, 2, hour)).toISOString(), punches: count })),
})

test('the tallest hour is whole, the others stand beside it', () => {
  const bars = barsOf(today([0, 20, 5]), Date.UTC(2026, 2, 2, 1, 30))
  expect(bars.map(({ percent }) => percent)).toEqual([0, 100, 25])
})

test('a day without punches has no bars', () => {
  expect(barsOf(today([0, 0]), 0).map(({ percent }) => percent)).toEqual([0, 0])
  expect(barsOf({ ...today([]), hours: [] }, 0)).toEqual([])
})

test('one hour is now, from its first millisecond to its last', () => {
  const whenAt = (ms: number) => barsOf(today([0, 0, 0]), ms).map(({ when }) => when)
  expect(whenAt(Date.UTC(2026, 2, 2, 1))).toEqual(['past', 'now', 'to-come'])
  expect(whenAt(Date.UTC(2026, 2, 2, 2) - 1)).toEqual(['past', 'now', 'to-come'])
  expect(whenAt(Date.UTC(2026, 2, 2, 3))).toEqual(['past', 'past', 'past'])
})

test('an hour ends before the next begins, also where clocks were set by half an hour', () => {
  const hours = ['2026-04-04T14:00:00.000Z', '2026-04-04T14:30:00.000Z'].map(from => ({ from, punches: 0 }))
  const bars = barsOf({ ...today([]), hours }, 0)
  expect(bars.map(({ until }) => until)).toEqual(['2026-04-04T14:29:59.999Z', '2026-04-04T15:29:59.999Z'])
})

test('each sixth hour has its name, and what is now has its own with room around it', () => {
  const named = (hour: number) => {
    const bars = barsOf(today(new Array(24).fill(0)), Date.UTC(2026, 2, 2, hour))
    return bars.flatMap((_, index) => (isNamed(bars, index) ? [index] : []))
  }
  expect(named(48)).toEqual([0, 6, 12, 18])
  expect(named(12)).toEqual([0, 6, 12, 18])
  expect(named(9)).toEqual([0, 6, 9, 12, 18])
  expect(named(8)).toEqual([0, 8, 12, 18])
})

test.each([
  { key: 'ArrowRight', direction: 'ltr', to: 6 },
  { key: 'ArrowLeft', direction: 'ltr', to: 4 },
  { key: 'ArrowRight', direction: 'rtl', to: 4 },
  { key: 'ArrowLeft', direction: 'rtl', to: 6 },
  { key: 'Home', direction: 'ltr', to: 0 },
  { key: 'End', direction: 'rtl', to: 23 },
  { key: 'Enter', direction: 'ltr', to: null },
] as const)('$key in $direction leads from 5 to $to', ({ key, direction, to }) => {
  expect(barByKey(key, 5, 23, direction)).toBe(to)
})

test('no key leads beyond the day', () => {
  expect(barByKey('ArrowLeft', 0, 23, 'ltr')).toBe(0)
  expect(barByKey('ArrowRight', 23, 23, 'ltr')).toBe(23)
})
