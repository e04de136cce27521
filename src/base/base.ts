import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Random } from './random.ts'

/** What every layer is handed. Functions ask for the part they need: `Pick<Base, 'clock'>`. */
export interface Base {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
