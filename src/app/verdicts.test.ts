import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import { ERROR_CODES, RollcallError } from '../base/errors.ts'
import { STAGES, VERDICTS, verdictOf } from './verdicts.ts'

const NOTHING = new Uint8Array(0)
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The cells of every table row of docs/verdicts.md that begins with a code. */
const ROWS = readFileSync(new URL('../../docs/verdicts.md', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(' | '))

describe('docs/verdicts.md', () => {
  test('explains every verdict as the program does, and none besides', () => {
    const known = Object.entries(VERDICTS).map(([code, { stage, severity, cause, nextStep }]) => [
      `\`${code}\``,
      stage,
      severity,
      cause,
      nextStep,
    ])
    assert.deepEqual(ROWS.toSorted(byCode), known.toSorted(byCode))
  })

  test('gives the verdicts in the order of the stages', () => {
    const stages = ROWS.map(cells => cells[1])
    assert.deepEqual([...new Set(stages)], [...STAGES, 'any'])
    assert.deepEqual(
      stages,
      [...STAGES, 'any'].flatMap(stage => stages.filter(one => one === stage)),
    )
  })
})

describe('the catalogue of verdicts', () => {
  test('says why and what to do in clauses that can follow any sentence', () => {
    for (const [code, { cause, nextStep }] of Object.entries(VERDICTS))
      for (const text of [cause, nextStep]) assert.match(text, /^[a-z][^|]*[^.|]$/, code)
  })

  test('uses the code and the words of an error where a verdict is one', () => {
    const errors: Readonly<Record<string, { means: string; nextStep: string }>> = ERROR_CODES
    for (const [code, { cause, nextStep }] of Object.entries(VERDICTS)) {
      const error = errors[code]
      if (error) assert.deepEqual([cause, nextStep], [error.means, error.nextStep])
    }
  })

  for (const [name, code, stage, firstBytes, verdict] of [
    ['a web server', 'STREAM_CORRUPT', 'handshake', bytesOf('HTTP/1.1 400 Bad'), 'WEB_PAGE'],
    ['a page without a header', 'STREAM_CORRUPT', 'handshake', bytesOf('<html>'), 'WEB_PAGE'],
    ['an access panel', 'STREAM_CORRUPT', 'handshake', Uint8Array.of(0xaa, 1, 0), 'ACCESS_PANEL'],
    ['any other service', 'STREAM_CORRUPT', 'handshake', bytesOf('SSH-2.0-x'), 'STREAM_CORRUPT'],
    ['a stream that breaks later', 'STREAM_CORRUPT', 'clock', bytesOf('PP'), 'STREAM_CORRUPT'],
    ['a look-up without an end', 'TIME_BUDGET_SPENT', 'address', NOTHING, 'HOST_NOT_FOUND'],
    ['a connection that closes unspoken', 'CONNECTION_LOST', 'handshake', NOTHING, 'HUNG_UP'],
    ['a connection that closes later', 'CONNECTION_LOST', 'handshake', bytesOf('PP'), 'CONNECTION_LOST'],
    ['frames of the encrypted link', 'PACKET_ENCRYPTED', 'handshake', NOTHING, 'ENCRYPTED_LINK'],
    ['silence over UDP', 'REPLY_TIMEOUT', 'port', NOTHING, 'UDP_SILENT'],
    ['silence at the greeting', 'REPLY_TIMEOUT', 'handshake', NOTHING, 'DEVICE_HELD'],
    ['silence later', 'REPLY_TIMEOUT', 'clock', NOTHING, 'REPLY_TIMEOUT'],
    ['a defect of ours', 'DEFECT', 'clock', NOTHING, null],
  ] as const)
    test(`${name} is ${verdict}`, () => {
      assert.equal(verdictOf(new RollcallError(code, 'so it is'), { stage, firstBytes }), verdict)
    })
})

function byCode(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1
}
