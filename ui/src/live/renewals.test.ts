import assert from 'node:assert/strict'
import { afterEach, beforeEach, test, vi } from 'vitest'
import { Renewals } from './renewals.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('at once the first time, then once a pause however often it is wanted', () => {
  const renewed: string[] = []
  const renewals = new Renewals(key => renewed.push(key), 2_000)
  renewals.want('runs', 'logs')
  assert.deepEqual(renewed, ['runs', 'logs'])
  for (let index = 0; index < 100; index++) renewals.want('runs')
  assert.deepEqual(renewed, ['runs', 'logs'])
  vi.advanceTimersByTime(2_000)
  assert.deepEqual(renewed, ['runs', 'logs', 'runs'])
  vi.advanceTimersByTime(10_000)
  assert.deepEqual(renewed, ['runs', 'logs', 'runs'])
  renewals.want('runs')
  assert.deepEqual(renewed.at(-1), 'runs')
  assert.equal(renewed.length, 4)
})

test('nothing comes after the end', () => {
  const renewed: string[] = []
  const renewals = new Renewals(key => renewed.push(key), 2_000)
  renewals.want('runs')
  renewals.want('runs')
  renewals.end()
  vi.advanceTimersByTime(10_000)
  assert.deepEqual(renewed, ['runs'])
  assert.equal(vi.getTimerCount(), 0)
})
