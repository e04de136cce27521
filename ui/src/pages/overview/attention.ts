import type { DeviceStandingJson } from '../../api/types.ts'

/** Longer lists are for the page of devices. */
const NAMED_MAX = 5

export interface Attention {
  readonly named: readonly DeviceStandingJson[]
  /** All that are down or late, named or not. */
  readonly count: number
}

/** The devices that need somebody now: those that are down, then those that are late, whoever was heard of last first. */
export function needSomebody(standings: readonly DeviceStandingJson[]): Attention {
  const all = standings
    .filter(({ state }) => state === 'down' || state === 'late')
    .toSorted((a, b) =>
      a.state === b.state ? heardMs(b) - heardMs(a) || a.device.id - b.device.id : a.state === 'down' ? -1 : 1,
    )
  return { named: all.slice(0, NAMED_MAX), count: all.length }
}

/** What broke last is what somebody can still mend; what was never heard of comes last. */
function heardMs({ last_contact_at: at }: DeviceStandingJson): number {
  return at === null ? 0 : Date.parse(at)
}
