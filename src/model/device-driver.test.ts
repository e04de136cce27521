import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { FULL_REASONS } from './device-driver.ts'

test('docs/sync-runs.md explains every reason for a whole read, and no other', () => {
  const text = readFileSync(new URL('../../docs/sync-runs.md', import.meta.url), 'utf8')
  const table = text.slice(text.indexOf('## Why everything was read'))
  const explained = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(match => match[1])
  assert.deepEqual(explained, [...FULL_REASONS])
})
