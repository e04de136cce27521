import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { TestReportJson, TestStageJson } from '../../api/types.ts'
import {
  type Course,
  courseOf,
  fieldInQuestion,
  follow,
  isConclusive,
  resultOf,
  stageRows,
  type TestEvent,
} from './test-course.ts'

function stage(name: string, given: Partial<TestStageJson> = {}): TestStageJson {
  return { stage: name, transport: 'tcp', status: 'ok', duration_ms: 3, found: '', details: {}, verdicts: [], ...given }
}

function failed(name: string, code: string, given: Partial<TestStageJson> = {}): TestStageJson {
  const verdict = { code, severity: 'failed', cause: 'it is so', next_step: 'mend it' } as const
  return stage(name, { status: 'failed', verdicts: [verdict], ...given })
}

function after(events: readonly TestEvent[], withPunch = false): Course {
  return events.reduce(follow, courseOf({ withPunch }))
}

const told = (each: TestStageJson): TestEvent => ({ kind: 'stage', stage: each })
const started = (name: string): TestEvent => ({ kind: 'started', stage: name })
const shape = (course: Course) => stageRows(course).map(row => `${row.stage} ${row.status}`)

test('before anything is told every stage waits; the punch only where it is wished for', () => {
  assert.equal(stageRows(courseOf({ withPunch: false })).length, 9)
  assert.deepEqual(shape(courseOf({ withPunch: true })).slice(-2), ['record waiting', 'punch waiting'])
})

test('what is told comes first, then what runs, then what is to come', () => {
  const course = after([started('address'), told(stage('address', { transport: null })), started('port')])
  assert.deepEqual(shape(course).slice(0, 3), ['address ok', 'port running', 'handshake waiting'])
  assert.equal(stageRows(course).length, 9)
})

test('a way that failed stands beside the one that is tried next', () => {
  const tcp = failed('port', 'CONNECTION_REFUSED', { status: 'warning' })
  const course = after([told(stage('address')), started('port'), told(tcp), started('port')])
  assert.deepEqual(shape(course).slice(0, 4), ['address ok', 'port warning', 'port running', 'handshake waiting'])
  const keys = stageRows(follow(course, told(stage('port', { transport: 'udp' })))).map(({ key }) => key)
  assert.equal(new Set(keys).size, keys.length)
})

test('somebody else talks to the device until the first stage begins', () => {
  const waiting = after([{ kind: 'waiting', holder: 'server 1' }])
  assert.equal(waiting.holder, 'server 1')
  assert.equal(follow(waiting, started('address')).holder, null)
})

test('after the end nothing is awaited, and nothing changes any more', () => {
  const ends: readonly TestEvent[] = [
    { kind: 'stopped' },
    { kind: 'failed', problem: new Error('away') },
    { kind: 'finished', report: {} as TestReportJson },
  ]
  for (const end of ends) {
    const course = after([told(stage('address')), started('port'), end])
    assert.equal(course.state, end.kind)
    assert.deepEqual(shape(course), ['address ok'])
    assert.equal(follow(course, told(stage('port'))), course)
  }
})

test('the result is the gravest of what was told', () => {
  assert.equal(resultOf({ told: [stage('address'), stage('port', { status: 'skipped' })] }), 'ok')
  assert.equal(resultOf({ told: [stage('clock', { status: 'warning' }), stage('record')] }), 'warning')
  assert.equal(resultOf({ told: [stage('clock', { status: 'warning' }), failed('record', 'X')] }), 'failed')
})

test('a test that was ended early is judged only where nothing but the punch was left', () => {
  const stop: TestEvent = { kind: 'stopped' }
  assert.equal(isConclusive(after([told(stage('address')), stop])), false)
  assert.equal(isConclusive(after([told(stage('address')), told(stage('record'))])), false, 'while it runs')
  assert.equal(isConclusive(after([told(stage('record')), started('punch'), stop], true)), true)
  assert.equal(isConclusive(after([{ kind: 'finished', report: {} as TestReportJson }])), true)
  assert.equal(isConclusive(after([told(stage('record')), { kind: 'failed', problem: null }])), false)
})

for (const [name, code, field] of [
  ['address', 'HOST_NOT_FOUND', 'host'],
  ['port', 'CONNECTION_REFUSED', 'port'],
  ['port', 'CONNECTION_TIMEOUT', 'host'],
  ['handshake', 'WEB_PAGE', 'port'],
  ['comm-key', 'COMM_KEY_REFUSED', 'comm_key'],
  ['record', 'READ_INCOMPLETE', null],
  ['punch', 'NO_PUNCH', null],
] as const)
  test(`the field in question after ${code} is ${field}`, () => {
    assert.equal(fieldInQuestion([stage('address'), failed(name, code)]), field)
  })

test('a wrong zone is a warning, and leads to the zone all the same', () => {
  const verdict = { code: 'ZONE_WRONG', severity: 'warning', cause: '', next_step: '' } as const
  assert.equal(fieldInQuestion([stage('clock', { status: 'warning', verdicts: [verdict] })]), 'timezone')
  assert.equal(fieldInQuestion([stage('clock')]), null)
})
