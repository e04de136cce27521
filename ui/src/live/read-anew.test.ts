import assert from 'node:assert/strict'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { readAnew, readFailed } from './read-anew.ts'

/** A list that somebody looks at, and a server that answers when the test says so. */
class Scene implements Disposable {
  readonly queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  readonly asked: Array<PromiseWithResolvers<number>> = []
  readonly #observer: QueryObserver<number>
  readonly #leave: () => void

  constructor() {
    const ask = () => {
      const answer = Promise.withResolvers<number>()
      this.asked.push(answer)
      return answer.promise
    }
    this.#observer = new QueryObserver<number>(this.queries, { queryKey: ['logs', {}], queryFn: ask })
    this.#leave = this.#observer.subscribe(() => {})
  }

  get shown(): number | undefined {
    return this.#observer.getCurrentResult().data
  }

  async answer(index: number, value: number): Promise<void> {
    await this.untilAsked(index + 1)
    this.asked[index]?.resolve(value)
    await expect.poll(() => this.shown).toBe(value)
  }

  async untilAsked(times: number): Promise<void> {
    await expect.poll(() => this.asked.length).toBe(times)
  }

  [Symbol.dispose](): void {
    this.#leave()
    this.queries.clear()
  }
}

test('a first answer under way is asked for once more when it has come, however often it was to be', async () => {
  using scene = new Scene()
  readAnew(scene.queries)
  readAnew(scene.queries, ['logs'])
  assert.equal(scene.asked.length, 1)
  await scene.answer(0, 1)
  await scene.answer(1, 2)
  assert.equal(scene.asked.length, 2)
})

test('an answer that takes longer than the news come apart is waited for, and asked for once more', async () => {
  using scene = new Scene()
  await scene.answer(0, 1)
  for (let news = 0; news < 5; news++) readAnew(scene.queries, ['logs'])
  await scene.untilAsked(2)
  await scene.answer(1, 2)
  await scene.answer(2, 3)
  assert.equal(scene.asked.length, 3)
})

test('what is there is read anew at once, and another key is left alone', async () => {
  using scene = new Scene()
  await scene.answer(0, 1)
  readAnew(scene.queries, ['jobs'])
  assert.equal(scene.asked.length, 1)
  readAnew(scene.queries, ['logs'])
  await scene.answer(1, 2)
})

test('what could not be read is asked for when the link is back, and nothing else is', async () => {
  using scene = new Scene()
  scene.asked[0]?.reject(new Error('away'))
  await expect.poll(() => scene.queries.isFetching()).toBe(0)
  readFailed(scene.queries)
  await scene.answer(1, 1)
  readFailed(scene.queries)
  assert.equal(scene.asked.length, 2)
})

test('a first answer that failed is no reason to ask for ever, and the next one is asked for again', async () => {
  using scene = new Scene()
  readAnew(scene.queries)
  scene.asked[0]?.reject(new Error('away'))
  await scene.untilAsked(1)
  await expect.poll(() => scene.queries.isFetching()).toBe(0)
  void scene.queries.refetchQueries()
  await scene.untilAsked(2)
  readAnew(scene.queries)
  await scene.answer(1, 1)
  await scene.answer(2, 2)
})
