import assert from 'node:assert/strict'
import { test } from 'vitest'
import { Gate } from './gate.ts'

const NEVER = new AbortController().signal

test('no more than the limit are inside, all pass, in order', async () => {
  const gate = new Gate(2)
  const order: number[] = []
  let inside = 0
  const work = (n: number) => async () => {
    assert(++inside <= 2)
    await new Promise(resolve => setImmediate(resolve))
    inside--
    order.push(n)
    if (n === 3) throw new Error('one fails')
  }
  const ends = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(n => gate.pass(work(n), NEVER)))
  assert.deepEqual(order, [1, 2, 3, 4, 5, 6])
  assert.deepEqual(
    ends.map(end => end.status === 'fulfilled'),
    [true, true, false, true, true, true],
  )
})

test('who gives up waiting leaves no hole in the line', async () => {
  const gate = new Gate(1)
  const { promise, resolve: finish } = Promise.withResolvers<void>()
  const first = gate.pass(() => promise, NEVER)
  const impatience = new AbortController()
  const second = gate.pass(async () => assert.fail('it gave up'), impatience.signal)
  const third = gate.pass(async () => 'third', NEVER)
  impatience.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  finish()
  await first
  assert.equal(await third, 'third')
  assert.equal(await gate.pass(async () => 'fourth', NEVER), 'fourth')
  await assert.rejects(
    gate.pass(async () => {}, impatience.signal),
    /enough/,
  )
})

test('a place that is given back twice frees one', async () => {
  const gate = new Gate(1)
  const first = await gate.enter(NEVER)
  first[Symbol.dispose]()
  using _second = await gate.enter(NEVER)
  first[Symbol.dispose]()
  const end = new AbortController()
  const third = gate.enter(end.signal)
  end.abort(new Error('still waiting'))
  await assert.rejects(third, { message: 'still waiting' })
})
