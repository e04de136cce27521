import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { DispatchEvent } from '../app/dispatch.ts'
import type { OutageEvent } from '../app/outage.ts'
import { dispatchJson, dispatchLines, jobFailedJson, jobFailedLines, jobJson, outageLines } from './queue-lines.ts'

const plain = { style: (_format: unknown, text: string) => text, isTerminal: false }
const AWAY: OutageEvent = {
  event: 'queue.unavailable',
  code: 'QUEUE_UNAVAILABLE',
  message: 'queue.example:6379 cannot be reached',
  nextStep: 'check the server',
  retryInMs: 1_234,
}

const DISPATCHES: Array<{ event: DispatchEvent; line: string; json: object }> = [
  {
    event: { event: 'dispatch.queued', devices: 3, queued: 3, durationMs: 2 },
    line: '✓ 3 job(s) queued for 3 device(s)',
    json: { event: 'dispatch.queued', devices: 3, queued: 3, duration_ms: 2 },
  },
  {
    event: { event: 'dispatch.queued', devices: 3, queued: 1, durationMs: 2 },
    line: '✓ 1 job(s) queued for 3 device(s), 2 had one already',
    json: { event: 'dispatch.queued', devices: 3, queued: 1, duration_ms: 2 },
  },
  {
    event: { event: 'dispatch.queued', devices: 0, queued: 0, durationMs: 1 },
    line: '! no active devices, nothing queued',
    json: { event: 'dispatch.queued', devices: 0, queued: 0, duration_ms: 1 },
  },
  {
    event: AWAY,
    line: '✗ Queue - queue.example:6379 cannot be reached (next try in 1.2 s, and until it is back)',
    json: {
      event: 'queue.unavailable',
      code: 'QUEUE_UNAVAILABLE',
      message: 'queue.example:6379 cannot be reached',
      retry_in_s: 1,
    },
  },
  {
    event: { event: 'queue.available', awayForMs: 42_100 },
    line: '✓ Queue - back after 42 s',
    json: { event: 'queue.available', away_for_s: 42 },
  },
]
for (const { event, line, json } of DISPATCHES) {
  test(`a dispatcher says: ${line}`, () => {
    assert.deepEqual(dispatchLines(event, plain), [line])
    assert.deepEqual(dispatchJson(event), json)
  })
}

test('on a terminal an outage comes with what to do', () => {
  assert.equal(outageLines(AWAY, { ...plain, isTerminal: true })[1], '    check the server')
})

test('a job that is kept as failed comes with the command that puts it back', () => {
  const event = {
    event: 'job.failed',
    jobId: '17',
    deviceId: 2,
    tries: 3,
    code: 'CONNECTION_REFUSED',
    message: 'refused',
  } as const
  assert.deepEqual(jobFailedLines(event, plain), [
    '    job 17 is kept as failed after 3 tries: rollcall queue:retry 17',
  ])
  assert.deepEqual(jobFailedJson(event), {
    event: 'job.failed',
    job_id: '17',
    device_id: 2,
    tries: 3,
    code: 'CONNECTION_REFUSED',
    message: 'refused',
  })
})

test('a job for programs has its error with the stack', () => {
  const job = {
    id: '17',
    deviceId: 2,
    state: 'failed',
    tries: 3,
    queuedAt: new Date('2026-03-02T07:00:00Z'),
    notBefore: null,
    startedAt: new Date('2026-03-02T07:00:40Z'),
    failedAt: new Date('2026-03-02T07:00:41Z'),
    error: { code: 'CONNECTION_REFUSED', message: 'refused', stack: 'Error: refused\n    at open' },
  } as const
  assert.deepEqual(jobJson(job, 'Back Door'), {
    id: '17',
    device_id: 2,
    device: 'Back Door',
    state: 'failed',
    code: 'CONNECTION_REFUSED',
    message: 'refused',
    stack: 'Error: refused\n    at open',
    tries: 3,
    queued_at: '2026-03-02T07:00:00.000Z',
    failed_at: '2026-03-02T07:00:41.000Z',
  })
})
