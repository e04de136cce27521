import type { TestReportJson, TestStageJson } from '../../api/types.ts'

/** The stages as they are gone through, src/app/verdicts.ts; the last only where somebody is asked to touch the device. */
const STAGES = [
  'address',
  'port',
  'handshake',
  'comm-key',
  'identity',
  'firmware',
  'clock',
  'counters',
  'record',
] as const
export type StageName = (typeof STAGES)[number] | 'punch'

export type TestEvent =
  | { readonly kind: 'waiting'; readonly holder: string }
  | { readonly kind: 'started'; readonly stage: string }
  | { readonly kind: 'stage'; readonly stage: TestStageJson }
  | { readonly kind: 'finished'; readonly report: TestReportJson }
  | { readonly kind: 'failed'; readonly problem: unknown }
  | { readonly kind: 'stopped' }

/** How far a test has come. */
export interface Course {
  /** `failed`: the test itself could not be done. `stopped`: somebody did not want to wait for its end. */
  readonly state: 'running' | 'finished' | 'failed' | 'stopped'
  readonly expected: readonly string[]
  /** Who talks to the device meanwhile, so that the test waits. */
  readonly holder: string | null
  readonly current: string | null
  readonly told: readonly TestStageJson[]
  readonly report: TestReportJson | null
  readonly problem: unknown
}

export function courseOf({ withPunch }: { withPunch: boolean }): Course {
  const expected = withPunch ? [...STAGES, 'punch'] : STAGES
  return { state: 'running', expected, holder: null, current: null, told: [], report: null, problem: null }
}

export function follow(course: Course, event: TestEvent): Course {
  if (course.state !== 'running') return course
  switch (event.kind) {
    case 'waiting':
      return { ...course, holder: event.holder }
    case 'started':
      return { ...course, holder: null, current: event.stage }
    case 'stage':
      return { ...course, holder: null, current: null, told: [...course.told, event.stage] }
    case 'finished':
      return { ...course, state: 'finished', current: null, report: event.report }
    case 'failed':
      return { ...course, state: 'failed', current: null, problem: event.problem }
    case 'stopped':
      return { ...course, state: 'stopped', current: null }
    default:
      return event satisfies never
  }
}

export interface StageRow {
  /** Tells rows apart: over UDP a stage comes again that failed over TCP. */
  readonly key: string
  readonly stage: string
  readonly status: TestStageJson['status'] | 'running' | 'waiting'
  readonly told: TestStageJson | null
}

/** What was told in its order, then what is under way, then what is still to come. */
export function stageRows({ state, expected, current, told }: Course): readonly StageRow[] {
  const rows: StageRow[] = told.map(stage => ({
    key: `${stage.stage} ${stage.transport ?? ''}`,
    stage: stage.stage,
    status: stage.status,
    told: stage,
  }))
  if (state !== 'running') return rows
  if (current !== null) rows.push({ key: `${current} now`, stage: current, status: 'running', told: null })
  const known = new Set([...told.map(({ stage }) => stage), current])
  // A way that failed is followed by another one, which goes through all the rest.
  const coming = expected.slice(expected.indexOf(current ?? '') + 1).filter(stage => !known.has(stage))
  return [...rows, ...coming.map(stage => ({ key: stage, stage, status: 'waiting' as const, told: null }))]
}

/** The gravest of what has been told: the report says the same of a test that went to its end. */
export function resultOf({ told }: Pick<Course, 'told'>): TestReportJson['result'] {
  if (told.some(({ status }) => status === 'failed')) return 'failed'
  return told.some(({ status }) => status === 'warning') ? 'warning' : 'ok'
}

/** Whether so much was gone through that it can be judged: all of it, or all but the punch. */
export function isConclusive({ state, told }: Course): boolean {
  return state === 'finished' || (state === 'stopped' && told.some(({ stage }) => stage === STAGES.at(-1)))
}

const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  CONNECTION_REFUSED: 'port',
  UDP_SILENT: 'host',
  ZONE_WRONG: 'timezone',
}

const FIELD_OF_STAGE: Readonly<Record<string, string>> = {
  address: 'host',
  port: 'host',
  handshake: 'port',
  'comm-key': 'comm_key',
}

/** Which setting is the first to look at after a test that went wrong; null where none is in question. */
export function fieldInQuestion(told: readonly TestStageJson[]): string | null {
  const verdicts = told.flatMap(({ stage, verdicts: given }) => given.map(verdict => ({ stage, ...verdict })))
  const gravest = verdicts.findLast(({ severity }) => severity === 'failed')
  const questioned = gravest ?? verdicts.find(({ code }) => FIELD_OF_CODE[code] !== undefined)
  if (questioned === undefined) return null
  return FIELD_OF_CODE[questioned.code] ?? FIELD_OF_STAGE[questioned.stage] ?? null
}
