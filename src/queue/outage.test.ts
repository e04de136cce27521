import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { QueueError } from '../base/errors.ts'
import type { JobWork } from '../model/job-queue.ts'
import { Outage } from './outage.ts'

const ERROR = new QueueError('QUEUE_UNAVAILABLE', 'the queue cannot be reached')

/** An outage on a clock that stands until it is moved, with delays that are not spread. */
function outageUnderTest() {
  let nowMs = 1_000
  const told: Array<Parameters<NonNullable<JobWork['onOutage']>>[0]> = []
  const clock = { monotonicMs: () => nowMs }
  const outage = new Outage({ clock, random: { float: () => 0.5 } }, one => told.push(one))
  return {
    outage,
    told,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe('an outage', () => {
  test('is told once when it begins and once when it is over, with its length', () => {
    const { outage, told, pass } = outageUnderTest()
    outage.over()
    outage.met(ERROR)
    pass(3_000)
    outage.met(ERROR)
    outage.over()
    outage.over()
    assert.deepEqual(told, [
      { away: true, error: ERROR, retryInMs: 500 },
      { away: false, awayForMs: 3_000 },
    ])
  })

  test('is waited for twice as long each time, up to ten seconds, and from the start when the next one comes', () => {
    const { outage, pass } = outageUnderTest()
    const delays: number[] = []
    for (let i = 0; i < 7; i++) {
      const delayMs = outage.met(ERROR)
      delays.push(delayMs)
      pass(delayMs)
    }
    assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    outage.over()
    assert.equal(outage.met(ERROR), 500)
  })

  test('that many calls meet at one moment is one', () => {
    const { outage, told } = outageUnderTest()
    for (let i = 0; i < 50; i++) assert.equal(outage.met(ERROR), 500)
    assert.equal(told.length, 1)
  })
})
