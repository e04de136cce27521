import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { QUARANTINE_REASONS } from './punch.ts'

test('docs/errors.md explains every reason for quarantine as the program does, and none besides', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const documented = [...text.matchAll(/^\| `(\w+)` \| ([^|]+) \|$/gm)].map(([, reason, means]) => [reason, means])
  assert.deepEqual(documented, Object.entries(QUARANTINE_REASONS))
})
