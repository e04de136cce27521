import type { MakeBehaviour } from '../behaviour.ts'
import type { FaultName } from '../faults.ts'
import { bulkBehaviours } from './bulk-behaviours.ts'
import { changeBehaviours } from './change-behaviours.ts'
import { eventBehaviours } from './event-behaviours.ts'
import { readingBehaviours } from './reading-behaviours.ts'
import { recordBehaviours } from './record-behaviours.ts'
import { sessionBehaviours } from './session-behaviours.ts'
import { trailingBehaviours } from './trailing-behaviours.ts'
import { wireBehaviours } from './wire-behaviours.ts'

/** What makes each fault happen. */
export const BEHAVIOURS: Readonly<Record<FaultName, MakeBehaviour>> = {
  ...sessionBehaviours,
  ...readingBehaviours,
  ...trailingBehaviours,
  ...changeBehaviours,
  ...eventBehaviours,
  ...recordBehaviours,
  ...bulkBehaviours,
  ...wireBehaviours,
}
