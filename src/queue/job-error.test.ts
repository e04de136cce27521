import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ConnectionError, DeviceError } from '../base/errors.ts'
import { jobErrorFrom } from './job-error.ts'

describe('what is kept of what a job threw', () => {
  test('code, sentence and stack of an error of the project', () => {
    const { error, isRetryable } = jobErrorFrom(new ConnectionError('HOST_NOT_FOUND', 'gate.local has no address'))
    assert.deepEqual([error.code, error.message, isRetryable], ['HOST_NOT_FOUND', 'gate.local has no address', true])
    assert.match(error.stack ?? '', /^ConnectionError: gate.local has no address\n +at /)
    assert.equal(jobErrorFrom(new DeviceError('COMM_KEY_REFUSED', 'refused')).isRetryable, false)
  })

  test('the stack of a defect is where it arose', () => {
    const { error, isRetryable } = jobErrorFrom(new TypeError('zone is undefined'))
    assert.deepEqual([error.code, isRetryable], ['DEFECT', true])
    assert.match(error.stack ?? '', /^TypeError: zone is undefined\n +at /)
  })

  test('what is no error at all', () => {
    const { error } = jobErrorFrom('out of paper')
    assert.deepEqual([error.code, error.message], ['DEFECT', 'a defect of Rollcall: out of paper'])
  })

  test('no more than a person reads', () => {
    const { error } = jobErrorFrom(new ConnectionError('STREAM_CORRUPT', 'x'.repeat(1_000_000)))
    assert.deepEqual([error.message.length, error.stack?.length], [1_000, 4_000])
  })
})
