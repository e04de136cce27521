import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { LogCounters } from '../model/device-driver.ts'
import type { Checkpoint } from '../model/store.ts'
import { knownTail, planRead } from './read-plan.ts'

const CHECKPOINT: Checkpoint = {
  recordCount: 100,
  counter: 100,
  layout: '40',
  firmware: 'Ver 6.60',
  tail: new Uint8Array(800).fill(7),
  comparedAt: new Date(0),
  isTrusted: true,
  takesSlices: true,
  oldestLocal: '2026-01-01 00:00:00',
}
const COUNTERS: LogCounters = { records: 100, users: 5, capacity: 1_000, free: 900 }

interface Case {
  readonly name: string
  readonly checkpoint?: Partial<Checkpoint> | null
  readonly counters?: Partial<LogCounters>
  readonly isAskedFor?: boolean
  readonly isComparisonDue?: boolean
  readonly plan: string
}

const CASES: readonly Case[] = [
  { name: 'nothing is known', checkpoint: null, plan: 'full: first-read' },
  { name: 'the counter has not moved', plan: 'unchanged' },
  { name: 'the counter has grown', counters: { records: 103 }, plan: 'tail' },
  { name: 'the counter fell', counters: { records: 99 }, plan: 'full: counter-fell' },
  { name: 'a person asks for everything', isAskedFor: true, plan: 'full: asked-for' },
  { name: 'the last count did not close', checkpoint: { isTrusted: false }, plan: 'full: last-run-failed' },
  { name: 'the day of the comparison', isComparisonDue: true, plan: 'full: comparison-due' },
  { name: 'the log is at its capacity', counters: { capacity: 100, free: 0 }, plan: 'full: log-full' },
  { name: 'nothing is free', counters: { capacity: 10, free: 0 }, plan: 'full: log-full' },
  { name: 'the capacity is told in another unit', counters: { capacity: 10, free: 9 }, plan: 'unchanged' },
  { name: 'the capacity is not told', counters: { capacity: null, free: null }, plan: 'unchanged' },
  { name: 'no counter', counters: { records: null }, plan: 'tail' },
  { name: 'a counter that explained nothing before', checkpoint: { counter: null }, plan: 'tail' },
  {
    name: 'a counter that is 0 beside records',
    checkpoint: { counter: null },
    counters: { records: 0, free: 1_000 },
    plan: 'tail',
  },
  {
    name: 'a device that cuts no slices',
    checkpoint: { takesSlices: false },
    counters: { records: 101 },
    plan: 'full: slice-not-honoured',
  },
  {
    name: 'a log that was empty and is not',
    checkpoint: { recordCount: 0, counter: 0, tail: new Uint8Array(0) },
    counters: { records: 1, free: 999 },
    plan: 'full: small-log',
  },
  {
    name: 'a log that was empty and is',
    checkpoint: { recordCount: 0, counter: 0, layout: null, tail: new Uint8Array(0) },
    counters: { records: 0, free: 1_000 },
    plan: 'unchanged',
  },
  {
    name: 'a log that counts 0 while its free space says otherwise',
    checkpoint: { recordCount: 0, counter: 0, layout: null, tail: new Uint8Array(0) },
    counters: { records: 0, free: 400 },
    plan: 'full: log-changed',
  },
]

for (const { name, checkpoint = {}, counters = {}, isAskedFor = false, isComparisonDue = false, plan } of CASES) {
  test(`${name}: ${plan}`, () => {
    const known = {
      checkpoint: checkpoint === null ? null : { ...CHECKPOINT, ...checkpoint },
      counters: { ...COUNTERS, ...counters },
      isAskedFor,
      isComparisonDue,
    }
    const read = planRead(known)
    assert.equal(read.mode === 'full' ? `full: ${read.because}` : read.mode, plan)
  })
}

test('the known end is that of the checkpoint', () => {
  assert.deepEqual(knownTail(CHECKPOINT), { recordCount: 100, layout: '40', records: CHECKPOINT.tail })
  assert.equal(knownTail({ ...CHECKPOINT, layout: null }), null)
  assert.equal(knownTail(null), null)
})
