import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { LiveEvent } from './events.ts'
import { PageBytes } from './page-bytes.ts'

function event(id: string, data = '{}'): LiveEvent {
  return { id, name: 'attendance.created', data }
}

test('a page is made once for whoever comes by the same, and reads as its events', () => {
  const pages = new PageBytes()
  const bytes = pages.of([event('1', '{"name":"José"}'), event('2')])
  assert.equal(
    Buffer.from(bytes).toString(),
    'id: 1\nevent: attendance.created\ndata: {"name":"José"}\n\nid: 2\nevent: attendance.created\ndata: {}\n\n',
  )
  assert.equal(pages.of([event('1'), event('2')]), bytes)
  assert.notEqual(pages.of([event('2')]), bytes)
})

test('pages that are many are forgotten, the oldest first', () => {
  const pages = new PageBytes()
  const first = pages.of([event('1')])
  for (let id = 2; id <= 21; id++) pages.of([event(String(id))])
  const last = pages.of([event('21')])
  assert.notEqual(pages.of([event('1')]), first)
  assert.equal(pages.of([event('21')]), last)
})
