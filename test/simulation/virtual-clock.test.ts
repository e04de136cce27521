import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

describe('the virtual clock', () => {
  test('fires timers in the order of their time, then in the order they were set', async () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
    ] as const)
      clock.after(ms, () => fired.push(`${name}@${clock.monotonicMs()}`))
    await clock.runUntilIdle()
    expect(fired).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30'])
  })

  test('lets promises and immediates run out before the next timer', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    clock.after(1, () => void Promise.resolve().then(() => setImmediate(() => seen.push('after the first'))))
    clock.after(2, () => seen.push('second'))
    await clock.advance(5)
    expect(seen).toEqual(['after the first', 'second'])
    expect(clock.monotonicMs()).toBe(5)
  })

  test('does not fire what was disposed of, and does not count it', async () => {
    const clock = new VirtualClock()
    const timer = clock.after(1, () => expect.unreachable())
    clock.after(2, () => {})
    timer[Symbol.dispose]()
    expect(clock.waiting).toBe(1)
    await clock.runUntilIdle()
    expect(clock.monotonicMs()).toBe(2)
  })

  test('stands still while work outside goes on, and while what came of it leads to more', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    const answer = (name: string) => clock.outside(readFile(import.meta.filename)).then(() => seen.push(name))
    clock.after(1, () => void answer('first').then(() => answer('second')))
    clock.after(2, () => seen.push('timer'))
    await clock.advance(5)
    expect(seen).toEqual(['first', 'second', 'timer'])
  })

  test('goes on after work outside that failed', async () => {
    const clock = new VirtualClock()
    const failing = async () => {
      await expect(clock.outside(readFile('/nowhere'))).rejects.toThrow('ENOENT')
      await clock.sleep(10)
      return clock.monotonicMs()
    }
    expect(await clock.run(failing())).toBe(10)
  })

  test('run gives the result of the work, however far away', async () => {
    const clock = new VirtualClock()
    const work = async () => {
      for (let i = 0; i < 100; i++) await clock.sleep(60_000)
      return clock.monotonicMs()
    }
    expect(await clock.run(work())).toBe(6_000_000)
  })

  test('run fails work that waits for nothing', async () => {
    await expect(new VirtualClock().run(new Promise(() => {}))).rejects.toThrow(/no timer/)
  })

  test('sleep rejects with the reason of its signal and leaves no timer', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const sleep = clock.sleep(1000, controller.signal)
    clock.after(10, () => controller.abort(new Error('enough')))
    await expect(clock.run(sleep)).rejects.toThrow('enough')
    expect(clock.waiting).toBe(0)
  })

  test('a jump changes the time of day, not the timers', async () => {
    const clock = new VirtualClock(1_000_000)
    let firedAt = 0
    clock.after(50, () => {
      firedAt = clock.now()
    })
    clock.jump(-500_000)
    await clock.advance(50)
    expect(firedAt).toBe(500_050)
  })

  test('keeps the order of many timers', async () => {
    const clock = new VirtualClock()
    const fired: number[] = []
    const expected = Array.from({ length: 500 }, (_, index) => (index * 7919) % 1000)
    for (const ms of expected) clock.after(ms, () => fired.push(ms))
    await clock.runUntilIdle()
    expect(fired).toEqual(expected.toSorted((one, other) => one - other))
  })
})
