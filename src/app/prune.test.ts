import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'vitest'
import {
  batchOf,
  checkpointOf,
  endOf,
  manyPunches,
  StandingClock,
  startRun,
  turningBox,
} from '../../test/contract/store/fixture.ts'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { seededRandom } from '../base/random.ts'
import type { Device } from '../model/device.ts'
import type { RetentionStep } from '../model/retention-store.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { pruneOldLogs, surveyOldLogs } from './prune.ts'

const NEVER = new AbortController().signal
const BEFORE = new Date(Date.UTC(2026, 1, 1))
/** More than one step takes. */
const ROWS = 1_300

let store: Store
let devices: Device[]
let lines: string[]
const base = {
  clock: systemClock,
  random: seededRandom(1),
  log: { ...silentLog, info: (line: string) => void lines.push(line) },
}

beforeEach(async () => {
  const clock = new StandingClock()
  store = await openSqliteStore({ path: ':memory:', clock, secrets: turningBox })
  devices = []
  lines = []
  for (let n = 1; n <= 2; n++) {
    const run = await startRun(store)
    await store.punches.commit(batchOf(run, { punches: manyPunches(ROWS) }))
    clock.ms += 1
    const checkpoint = checkpointOf({ oldestLocal: manyPunches(ROWS).at(-1)?.localTime ?? null })
    await store.punches.finish(endOf(run, { checkpoint }))
    devices.push(run.device)
  }
})
afterEach(() => store[Symbol.asyncDispose]())

const inAll = (removable: number, held: number) => ({ removable, held, unknown: 0 })

test('a survey counts and changes nothing, a removal does what it said, and writes one line', async () => {
  const survey = await surveyOldLogs({ store, base }, { devices, before: BEFORE }, NEVER)
  assert.deepEqual([survey.total, survey.isComplete], [inAll(2 * ROWS - 2, 2), true])
  assert.deepEqual([await store.logs.count({}), lines], [2 * ROWS, []])
  const pruning = await pruneOldLogs({ store, base }, survey, NEVER)
  assert.deepEqual(pruning, survey)
  assert.equal(await store.logs.count({}), 2)
  assert.deepEqual(lines, [
    'Attendance logs from before 2026-02-01T00:00:00.000Z: 2598 removed, 2 kept that devices still hold, 0 kept of which that is not known',
  ])
})

test('ended early it tells what went, leaves the rest, and goes on when it is begun again', async () => {
  const survey = await surveyOldLogs({ store, base }, { devices, before: BEFORE }, NEVER)
  const stop = new AbortController()
  const remove = async (step: RetentionStep) => {
    const part = await store.retention.remove(step)
    stop.abort(new Error('ended by a person'))
    return part
  }
  const stopping = { ...store, retention: { ...store.retention, remove } }
  const first = await pruneOldLogs({ store: stopping, base }, survey, stop.signal)
  const left = await store.logs.count({})
  assert.deepEqual([first.isComplete, first.devices.length], [false, 1])
  assert(first.total.removable > 0 && first.total.removable < ROWS)
  assert.equal(left, 2 * ROWS - first.total.removable)
  assert.match(lines[0] ?? '', /; ended early$/)
  const again = await surveyOldLogs({ store, base }, { devices, before: BEFORE }, NEVER)
  const second = await pruneOldLogs({ store, base }, again, NEVER)
  assert.deepEqual([second.total, second.isComplete], [inAll(left - 2, 2), true])
})

test('a survey that is ended early says so', async () => {
  const stop = new AbortController()
  stop.abort(new Error('ended by a person'))
  const survey = await surveyOldLogs({ store, base }, { devices, before: BEFORE }, stop.signal)
  assert.deepEqual([survey.isComplete, survey.devices], [false, []])
})
