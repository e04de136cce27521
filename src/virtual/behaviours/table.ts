import type { MakeBehaviour } from '../behaviour.ts'
import { FAULTS, type FaultName } from '../faults.ts'

/** What makes each fault happen. */
export const BEHAVIOURS: Readonly<Record<FaultName, MakeBehaviour>> = Object.fromEntries(
  Object.keys(FAULTS).map(name => [name, () => ({})]),
) as unknown as Record<FaultName, MakeBehaviour>
