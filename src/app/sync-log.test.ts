import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { SyncEvent } from '../sync/events.ts'
import { syncLogger } from './sync-log.ts'

const SYNCED: SyncEvent = {
  event: 'device.synced',
  deviceId: 1,
  device: 'Gate',
  mode: 'full',
  recordsOnDevice: 120,
  received: 120,
  inserted: 0,
  duplicates: 119,
  quarantined: 1,
  bytes: 4804,
  durationMs: 42,
  countProof: 'counter',
}

test('the log file gets what is new, each in its level and once', () => {
  const lines: string[] = []
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const tell = syncLogger({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') })
  for (const inserted of [0, 1, 2]) tell({ ...SYNCED, inserted })
  assert.deepEqual(lines, [
    'debug Device Gate synced: 0 new logs',
    'warn Device Gate - 1 record set aside in quarantined_records',
    'info Device Gate synced: 1 new log',
    'info Device Gate synced: 2 new logs',
  ])
})
