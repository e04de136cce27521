import type { DeviceActionsDoneJson, DeviceStandingJson } from '../../api/types.ts'

export type ActionStatus = DeviceActionsDoneJson['results'][number]['status']

/** What was done comes first, then what was not. */
const STATUSES: readonly ActionStatus[] = [
  'started',
  'paused',
  'resumed',
  'running',
  'unchanged',
  'inactive',
  'not_found',
]

/** How many devices came out how. */
export function outcomeOf({
  results,
}: DeviceActionsDoneJson): readonly { readonly status: ActionStatus; readonly count: number }[] {
  return STATUSES.map(status => ({
    status,
    count: results.filter(result => result.status === status).length,
  })).filter(({ count }) => count > 0)
}

/** What pausing these devices means. */
export interface PauseEffect {
  /** Are read until now, and are not read any more. */
  readonly active: number
  readonly paused: number
}

export function pauseEffect(selected: readonly DeviceStandingJson[]): PauseEffect {
  const active = selected.filter(({ device }) => device.is_active).length
  return { active, paused: selected.length - active }
}
