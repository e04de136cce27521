import { describe } from 'vitest'
import { changingHandsContract } from './changing-hands.ts'
import { enqueueingContract } from './enqueueing.ts'
import { failedJobsContract } from './failed-jobs.ts'
import { failingContract } from './failing.ts'
import type { OpenQueueFixture } from './fixture.ts'
import { outagesContract } from './outages.ts'
import { workingContract } from './working.ts'

/** What every queue must do. A backend runs it whole, on queues that `open` makes afresh for each test. */
export function jobQueueContract(name: string, open: OpenQueueFixture): void {
  describe(`job queue contract: ${name}`, () => {
    enqueueingContract(open)
    workingContract(open)
    failingContract(open)
    failedJobsContract(open)
    changingHandsContract(open)
    outagesContract(open)
  })
}
