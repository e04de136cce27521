import { describe } from 'vitest'
import { enqueueingContract } from './enqueueing.ts'
import type { OpenQueueFixture } from './fixture.ts'

/** What every queue must do. A backend runs it whole, on queues that `open` makes afresh for each test. */
export function jobQueueContract(name: string, open: OpenQueueFixture): void {
  describe(`job queue contract: ${name}`, () => {
    enqueueingContract(open)
  })
}
