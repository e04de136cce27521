import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { RollcallError } from '../base/errors.ts'
import { readTraceFile, recordTrace } from './trace-file.ts'
import { readVersion } from './version.ts'

const HANDLERS = { onData() {}, onEnd() {} }
const NEVER = new AbortController().signal

describe('the file of a trace', () => {
  let path = ''
  const faults: Error[] = []
  const parts = { clock: systemClock, onFault: (error: Error) => void faults.push(error) }
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'rollcall-trace-')), 'gate.jsonl')
  })
  afterEach(() => rmSync(join(path, '..'), { recursive: true }))

  test('belongs to its user alone, and has each event at once', async () => {
    using trace = recordTrace(path, parts)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const link = await trace.network.openUdp({ host: '127.0.0.1', port: 9 }, HANDLERS, NEVER)
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 4)
    link.close()
    const { header, events } = await readTraceFile(path)
    assert.equal(header.rollcall, readVersion())
    assert.deepEqual(
      events.map(({ event }) => event),
      ['opening', 'opened', 'closed'],
    )
    assert.deepEqual(faults, [])
  })

  test('without an event is removed, so that its name is free', () => {
    for (let i = 0; i < 2; i++) {
      using trace = recordTrace(path, parts)
      assert(trace)
      assert(existsSync(path))
    }
    assert(!existsSync(path))
  })

  test('never replaces another', () => {
    writeFileSync(path, 'precious')
    assert.throws(() => recordTrace(path, parts), /^ConfigError: --trace .*gate\.jsonl exists already/)
    assert.equal(readFileSync(path, 'utf8'), 'precious')
  })

  test('that cannot be made, or read, is told with its name', async () => {
    const nowhere = join(path, 'no', 'folder.jsonl')
    assert.throws(() => recordTrace(nowhere, parts), /^ConfigError: --trace .*folder\.jsonl cannot be written: ENOENT/)
    await assert.rejects(readTraceFile(nowhere), /^ConfigError: .*folder\.jsonl cannot be read: ENOENT/)
    await assert.rejects(readTraceFile(tmpdir()), /^ConfigError: .* cannot be read: EISDIR/)
  })

  test('that is none is told with its line', async () => {
    writeFileSync(path, 'GIF89a\n')
    await assert.rejects(
      readTraceFile(path),
      (error: unknown) =>
        error instanceof RollcallError && error.code === 'TRACE_INVALID' && /gate\.jsonl: line 1/.test(error.message),
    )
  })
})
