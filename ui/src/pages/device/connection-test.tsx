import { Box, Button, Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import type { TestReportJson } from '../../api/types.ts'
import { Pill, type Tone } from '../../parts/state-pill.tsx'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { followTest, type TestRequest } from './follow-test.ts'
import { type Course, courseOf, follow, isConclusive, resultOf } from './test-course.ts'
import { StageList } from './test-stages.tsx'

export interface RunningTest {
  readonly course: Course
  /** Does not wait for the rest. */
  readonly stop: () => void
}

/** Tests as soon as it is shown, and anew with each new request; ends when the page is left. */
export function useConnectionTest(request: TestRequest): RunningTest {
  const [course, setCourse] = useState(() => courseOf({ withPunch: request.punchWaitS > 0 }))
  const run = useRef<AbortController>(null)
  useEffect(() => {
    const started = new AbortController()
    run.current = started
    setCourse(courseOf({ withPunch: request.punchWaitS > 0 }))
    void followTest(request, event => setCourse(before => follow(before, event)), started.signal)
    return () => started.abort()
  }, [request])
  const stop = useCallback(() => {
    run.current?.abort()
    setCourse(before => follow(before, { kind: 'stopped' }))
  }, [])
  return { course, stop }
}

const RESULT_TONES: Readonly<Record<ReturnType<typeof resultOf>, Tone>> = { ok: 'ok', warning: 'warn', failed: 'bad' }

/**
 * Test Connection, stage by stage. `children` is what can be done when it has ended; while somebody is asked to touch the device, `skip`
 * says that nobody can.
 */
export function ConnectionTest({
  test: { course, stop },
  punchWaitS,
  children,
}: {
  test: RunningTest
  punchWaitS: number
  children: ReactNode
}) {
  const { connectionTest: words, shell } = useTexts()
  const isRunning = course.state === 'running'
  return (
    <Stack gap="md">
      <Text role="status" size="sm" c="dimmed">
        {statusText(course, words)}
      </Text>
      {course.state === 'failed' ? <Problem error={course.problem} title={shell.problem.refused} /> : null}
      {course.told.length === 0 && !isRunning ? null : <StageList course={course} />}
      {course.current === 'punch' ? <TouchNow waitS={punchWaitS} onSkip={stop} /> : null}
      {isConclusive(course) ? <Result course={course} /> : null}
      {isRunning ? (
        <Group>
          {course.current === 'punch' ? null : (
            <Button variant="default" onClick={stop}>
              {words.stop}
            </Button>
          )}
        </Group>
      ) : (
        <Group>{children}</Group>
      )}
    </Stack>
  )
}

function statusText(
  { state, holder, current, told }: Course,
  words: ReturnType<typeof useTexts>['connectionTest'],
): string {
  if (state !== 'running') return words.ended[state]
  if (holder !== null) return words.waitingFor(holder)
  return words.underWay(current === null ? null : words.stageName(current), told.length)
}

/** What was found, at a glance. */
function Result({ course }: { course: Course }) {
  const { connectionTest: words } = useTexts()
  const result = resultOf(course)
  const { report } = course
  const found = report === null ? '' : words.found(foundOf(report))
  return (
    <Box className="surface" p="sm" ref={intoView}>
      <Title order={3}>
        <Pill tone={RESULT_TONES[result]}>{words.results[result]}</Pill>
      </Title>
      {found === '' ? null : (
        <Text size="sm" mt={4}>
          {found}
        </Text>
      )}
    </Box>
  )
}

function foundOf({ model, serial_number, attendance_records, users, clock_drift_s }: TestReportJson) {
  const unit = [model, serial_number].filter(each => each !== null).join(', ')
  return { unit, records: attendance_records, users, driftS: clock_drift_s }
}

/** What is to be read now may lie below what is seen. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' })
}

/** The device tells a punch only while this is shown, so that whoever stands before it must know at once. */
function TouchNow({ waitS, onSkip }: { waitS: number; onSkip: () => void }) {
  const { connectionTest: words } = useTexts()
  const leftS = useCountdown(waitS)
  return (
    <Box className="surface touch-now" p="md" role="alert" ref={intoView}>
      <Stack gap="xs" align="start">
        <Title order={3}>{words.touch.title}</Title>
        <Text size="sm">{words.touch.text}</Text>
        <Group>
          {/* Not read out each second. */}
          <Text size="sm" className="number" aria-hidden="true">
            {words.touch.left(leftS)}
          </Text>
          <Button variant="default" size="sm" onClick={onSkip}>
            {words.touch.skip}
          </Button>
        </Group>
      </Stack>
    </Box>
  )
}

const SECOND_MS = 1_000

function useCountdown(fromS: number): number {
  const [leftS, setLeftS] = useState(fromS)
  useEffect(() => {
    const untilMs = performance.now() + fromS * SECOND_MS
    const timer = setInterval(
      () => setLeftS(Math.max(0, Math.ceil((untilMs - performance.now()) / SECOND_MS))),
      SECOND_MS,
    )
    return () => clearInterval(timer)
  }, [fromS])
  return leftS
}
