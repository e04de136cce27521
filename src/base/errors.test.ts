import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import { ConfigError, ERROR_CODES, type ErrorCode, RollcallError } from './errors.ts'

/** The cells of every table row of docs/errors.md that begins with a code; the reasons for quarantine have two. */
const ROWS = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(' | '))

describe('docs/errors.md', () => {
  test('explains every code as the program does, and none besides', () => {
    const documented = ROWS.filter(cells => cells.length === 4)
    const known = Object.entries(ERROR_CODES).map(([code, { retryable, means, nextStep }]) => [
      `\`${code}\``,
      retryable ? 'yes' : 'no',
      means,
      nextStep,
    ])
    assert.deepEqual(documented, known)
  })
})

describe('errors', () => {
  test('carry their code, what it means for a retry, and the next step', () => {
    const cause = new Error('below')
    const error = new ConfigError('CONFIG_INVALID', 'LOG_LEVEL must be one of these.', { cause })
    assert.ok(error instanceof RollcallError)
    assert.equal(error.name, 'ConfigError')
    assert.equal(error.cause, cause)
    assert.equal(error.retryable, false)
    assert.equal(error.nextStep, ERROR_CODES.CONFIG_INVALID.nextStep)
  })

  test('say what to do in one clause that can follow any sentence', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { means, nextStep } = ERROR_CODES[code]
      for (const text of [means, nextStep]) assert.match(text, /^[a-z].*[^.]$/, code)
    }
  })
})
