import { expect, test } from 'vitest'
import { standingSample } from '../../parts/standing.sample.ts'
import { outcomeOf, pauseEffect } from './outcome.ts'

test('devices are counted by how it came out, what was done first', () => {
  const statuses = ['not_found', 'started', 'inactive', 'started', 'running'] as const
  const results = statuses.map((status, index) => ({ device_id: index + 1, status }))
  expect(outcomeOf({ results })).toEqual([
    { status: 'started', count: 2 },
    { status: 'running', count: 1 },
    { status: 'inactive', count: 1 },
    { status: 'not_found', count: 1 },
  ])
})

test('pausing means something for those alone that are not paused', () => {
  const selected = [standingSample(1), standingSample(2, { device: { is_active: false } }), standingSample(3)]
  expect(pauseEffect(selected)).toEqual({ active: 2, paused: 1 })
})
