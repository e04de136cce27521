import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { SyncEvent } from './rollcall.ts'
import { SyncProgress } from './sync-progress.ts'

const OF_DEVICE = { deviceId: 7, device: 'Gate' }
const READ = { bytesTotal: 4_000, recordsTotal: 100, startedMsAgo: 0 }
const FAILED = { code: 'REPLY_TIMEOUT', message: '', nextStep: '', retryInMs: null } as const

function scene() {
  const clock = { ms: 0, monotonicMs: () => clock.ms }
  const progress = new SyncProgress(clock)
  const told: string[] = []
  const watch = progress.watch(data => {
    const { device_id, state, bytes_received, records_received } = JSON.parse(data)
    told.push(`${device_id} ${state} ${bytes_received} ${records_received}`)
  })
  const read = (records: number, of = OF_DEVICE): SyncEvent => ({
    event: 'device.progress',
    ...of,
    ...READ,
    bytesReceived: records * 40,
    recordsReceived: records,
  })
  return { clock, progress, told, watch, read }
}

test('a sync is told as it begins, four times a second as it goes on, and as it ends', () => {
  const { clock, progress, told, read } = scene()
  progress.begin(7)
  for (; clock.ms < 1_000; clock.ms += 10) progress.tell(read(clock.ms / 10))
  progress.tell({ event: 'device.failed', ...OF_DEVICE, ...FAILED })
  progress.end(7)
  assert.deepEqual(told, [
    '7 started 0 0',
    '7 reading 1000 25',
    '7 reading 2000 50',
    '7 reading 3000 75',
    '7 ended 0 0',
  ])
})

test('devices are told apart, and what was never told has no end', () => {
  const { progress, told, read } = scene()
  progress.tell(read(1))
  progress.tell(read(2, { deviceId: 8, device: 'Door' }))
  progress.end(9)
  assert.deepEqual(told, ['7 reading 40 1', '8 reading 80 2'])
})

test('who watches no more is told no more', () => {
  const { progress, told, watch } = scene()
  watch[Symbol.dispose]()
  progress.begin(7)
  assert.deepEqual(told, [])
})
