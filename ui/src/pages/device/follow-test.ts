import { ApiProblem, send } from '../../api/client.ts'
import { readEventStream, type ServerEvent } from '../../api/event-stream.ts'
import type { ProblemJson, TestReportJson, TestStageJson } from '../../api/types.ts'
import type { TestEvent } from './test-course.ts'

/** What is tested: a saved device, or settings that are not saved. */
export interface TestRequest {
  readonly path: string
  readonly body: object
  /** How long somebody has to touch the device at the end; 0: nobody is asked to. */
  readonly punchWaitS: number
}

/** Has the server test a connection, and tells what comes of it until the end, which is always told unless the signal fires. */
export async function followTest(
  { path, body, punchWaitS }: TestRequest,
  onEvent: (event: TestEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const response = await send(path, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, punch_wait_s: punchWaitS }),
      signal,
    })
    await readEventStream(response, {
      onEvent: event => {
        const told = testEvent(event)
        if (told !== null) onEvent(told)
      },
    })
    // After the end that was told this changes nothing.
    throw new ApiProblem({ status: 0, code: 'SERVER_AWAY', detail: '', next_step: '' })
  } catch (problem) {
    if (!signal.aborted) onEvent({ kind: 'failed', problem })
  }
}

function testEvent({ name, data }: ServerEvent): TestEvent | null {
  switch (name) {
    case 'test.waiting':
      return { kind: 'waiting', holder: (JSON.parse(data) as { holder: string }).holder }
    case 'test.stage_started':
      return { kind: 'started', stage: (JSON.parse(data) as { stage: string }).stage }
    case 'test.stage':
      return { kind: 'stage', stage: JSON.parse(data) as TestStageJson }
    case 'test.finished':
      return { kind: 'finished', report: JSON.parse(data) as TestReportJson }
    case 'test.failed':
      return { kind: 'failed', problem: new ApiProblem(JSON.parse(data) as ProblemJson) }
    default:
      return null
  }
}
