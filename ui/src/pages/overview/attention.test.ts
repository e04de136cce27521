import { expect, test } from 'vitest'
import { standingSample } from '../../parts/standing.sample.ts'
import { needSomebody } from './attention.ts'

const idsOf = ({ named }: ReturnType<typeof needSomebody>) => named.map(({ device }) => device.id)

test('what is down comes before what is late, and what stands well is not named', () => {
  const standings = [
    standingSample(1, { state: 'late' }),
    standingSample(2),
    standingSample(3, { state: 'down' }),
    standingSample(4, { state: 'paused' }),
    standingSample(5, { state: 'new' }),
  ]
  expect(idsOf(needSomebody(standings))).toEqual([3, 1])
})

test('what broke last comes first, what was never reached comes last', () => {
  const standings = [
    standingSample(1, { state: 'down', last_contact_at: null }),
    standingSample(2, { state: 'down', last_contact_at: '2026-03-02T06:00:00.000Z' }),
    standingSample(3, { state: 'down', last_contact_at: '2026-03-02T07:00:00.000Z' }),
  ]
  expect(idsOf(needSomebody(standings))).toEqual([3, 2, 1])
})

test('five are named, and all are counted', () => {
  const standings = Array.from({ length: 8 }, (_, index) => standingSample(index + 1, { state: 'down' }))
  expect(idsOf(needSomebody(standings))).toEqual([1, 2, 3, 4, 5])
  expect(needSomebody(standings).count).toBe(8)
  expect(needSomebody([])).toEqual({ named: [], count: 0 })
})
