import type { JobState } from './api/resources.ts'
import type { DeviceState } from './parts/state-pill.tsx'

/** What stands behind the `?` of each address, so that a view can be sent to somebody. What does not fit is left out, not refused. */

type Raw = Readonly<Record<string, unknown>>

export interface DevicesSearch {
  readonly state?: DeviceState
  readonly q?: string
  readonly tag?: string
  readonly sort?: (typeof DEVICE_SORTS)[number]
  /** Downwards. */
  readonly down?: true
}

export const DEVICE_SORTS = ['name', 'state', 'last_punch', 'last_contact', 'records', 'memory', 'drift'] as const
const DEVICE_STATES: readonly DeviceState[] = ['online', 'late', 'down', 'new', 'paused']

export function devicesSearch(raw: Raw): DevicesSearch {
  return {
    ...oneOf('state', raw.state, DEVICE_STATES),
    ...textOf('q', raw.q),
    ...textOf('tag', raw.tag),
    ...oneOf('sort', raw.sort, DEVICE_SORTS),
    ...(raw.down === true ? { down: true } : {}),
  }
}

export const DEVICE_TABS = ['logs', 'runs', 'coverage', 'people', 'clock', 'settings'] as const

export function deviceSearch(raw: Raw): { readonly tab?: (typeof DEVICE_TABS)[number] } {
  return oneOf('tab', raw.tab, DEVICE_TABS)
}

export interface AttendanceSearch {
  readonly device?: readonly number[]
  readonly user?: string
  /** Instants, ISO. */
  readonly since?: string
  readonly until?: string
  /** The attendance log that is explained. */
  readonly explain?: number
}

export function attendanceSearch(raw: Raw): AttendanceSearch {
  const devices = [raw.device].flat().filter(isId)
  return {
    ...(devices.length > 0 ? { device: devices } : {}),
    ...textOf('user', raw.user),
    ...instantOf('since', raw.since),
    ...instantOf('until', raw.until),
    ...(isId(raw.explain) ? { explain: raw.explain } : {}),
  }
}

const JOB_STATES: readonly JobState[] = ['waiting', 'active', 'failed']

export function queueSearch(raw: Raw): { readonly state?: JobState } {
  return oneOf('state', raw.state, JOB_STATES)
}

export function quarantineSearch(raw: Raw): { readonly state?: 'open' | 'dismissed'; readonly device?: number } {
  return {
    ...oneOf('state', raw.state, ['open', 'dismissed'] as const),
    ...(isId(raw.device) ? { device: raw.device } : {}),
  }
}

export const SETTINGS_TABS = ['me', 'accounts', 'tokens', 'audit'] as const

export function settingsSearch(raw: Raw): { readonly tab?: (typeof SETTINGS_TABS)[number] } {
  return oneOf('tab', raw.tab, SETTINGS_TABS)
}

export function signInSearch(raw: Raw): { readonly next?: string; readonly ended?: true } {
  const next = raw.next
  // A path of this server alone: `//elsewhere` would be another one.
  const isOwn = typeof next === 'string' && /^\/(?![/\\])/.test(next)
  return { ...(isOwn ? { next } : {}), ...(raw.ended === true ? { ended: true } : {}) }
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

function oneOf<Name extends string, Value extends string>(
  name: Name,
  value: unknown,
  values: readonly Value[],
): { readonly [key in Name]?: Value } {
  const found = values.find(one => one === value)
  return (found === undefined ? {} : { [name]: found }) as { readonly [key in Name]?: Value }
}

/** The router reads `?user=7` as a number; ids of people are texts. */
function textOf<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: string } {
  const text = typeof value === 'number' ? String(value) : value
  return (typeof text === 'string' && text !== '' ? { [name]: text } : {}) as { readonly [key in Name]?: string }
}

function instantOf<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: string } {
  const isInstant = typeof value === 'string' && !Number.isNaN(Date.parse(value))
  return (isInstant ? { [name]: value } : {}) as { readonly [key in Name]?: string }
}
