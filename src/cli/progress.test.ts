import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { openProgress, progressTexts } from './progress.ts'
import type { Terminal } from './terminal.ts'

const HALF = { bytesReceived: 2_000_000, bytesTotal: 4_000_000, recordsReceived: 50_000, recordsTotal: 100_000 }

describe('progress', () => {
  test('tells records, bytes and the time left', () => {
    assert.deepEqual(progressTexts({ ...HALF, startedMsAgo: 30_000 }), {
      records: '50000/100000 records',
      bytes: '2.0/4.0 MB',
      left: '30 s left',
    })
    assert.equal(progressTexts({ ...HALF, bytesReceived: 0, startedMsAgo: 30_000 }).left, 'time left unknown')
  })

  test('without a terminal says a line every ten seconds, on stderr', async () => {
    const notes: string[] = []
    let nowMs = 100_000
    const terminal = { isInteractive: false, note: (line: string) => notes.push(line) } as unknown as Terminal
    using progress = await openProgress({ terminal, clock: { monotonicMs: () => nowMs }, json: false })
    for (let startedMsAgo = 0; startedMsAgo <= 25_000; startedMsAgo += 1000) {
      progress.show({ id: 1, name: 'Gate' }, { ...HALF, startedMsAgo })
      nowMs += 1000
    }
    assert.deepEqual(notes, [
      'Gate - 50000/100000 records, 2.0/4.0 MB, 10 s left',
      'Gate - 50000/100000 records, 2.0/4.0 MB, 20 s left',
    ])
    progress.end(1)
    progress.show({ id: 1, name: 'Gate' }, { ...HALF, startedMsAgo: 500 })
    assert.equal(notes.length, 2, 'the next read begins anew')
  })

  test('beside JSON says nothing', async () => {
    const terminal = { isInteractive: true, note: assert.fail } as unknown as Terminal
    using progress = await openProgress({ terminal, clock: { monotonicMs: () => 0 }, json: true })
    progress.show({ id: 1, name: 'Gate' }, { ...HALF, startedMsAgo: 60_000 })
  })
})
