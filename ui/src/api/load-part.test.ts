import assert from 'node:assert/strict'
import { test } from 'vitest'
import { loadPart } from './load-part.ts'

/** Of a server that is away for so many questions. */
function awayFor(times: number) {
  const asked = { loads: 0, pauses: 0 }
  const load = async () => {
    asked.loads++
    if (asked.pauses < times) throw new TypeError('Failed to fetch dynamically imported module')
    return 'the page'
  }
  const parts = { isAway: async () => asked.pauses < times, pause: async () => void asked.pauses++ }
  return { asked, load, parts }
}

test('a part is loaded once the server is back', async () => {
  const { asked, load, parts } = awayFor(3)
  assert.equal(await loadPart(load, parts), 'the page')
  assert.deepEqual(asked, { loads: 4, pauses: 3 })
})

test('a part that a server that answers does not have is an error at once', async () => {
  const { parts } = awayFor(0)
  const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'))
  await assert.rejects(loadPart(gone, parts), TypeError)
})
