import type { Command } from 'commander'
import type { LogFilter, Store } from '../model/store.ts'
import { collectId, usageError } from './arguments.ts'
import { parseTimeArgument } from './time-argument.ts'

/** The filters that all commands on attendance logs share. */
export interface FilterOptions {
  readonly deviceId?: readonly number[]
  readonly user?: string
  readonly since?: string
  readonly until?: string
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--device-id <id>', 'of this device only; may be given several times', collectId)
    .option('--user <id>', 'of this user id only, zeros in front included')
    .option('--since <time>', 'from this time on: 2026-11-22, 2026-11-22T14:30, or an age such as 1m, 2h, 7d')
    .option('--until <time>', 'up to this time, a day with its end')
}

/** Checks the filters against the clock and the devices there are. */
export async function readFilter(
  options: FilterOptions,
  parts: { store: Pick<Store, 'devices'>; nowMs: number },
): Promise<LogFilter> {
  const context = { nowMs: parts.nowMs, timezone: Temporal.Now.timeZoneId() }
  const { deviceId, user, since, until } = options
  if (deviceId) await requireDevices(deviceId, parts.store)
  if (user === '') throw usageError('--user must not be empty.')
  return {
    ...(deviceId ? { deviceIds: deviceId } : {}),
    ...(user === undefined ? {} : { user }),
    ...(since === undefined ? {} : { since: parseTimeArgument(since, { option: '--since', ...context }) }),
    ...(until === undefined ? {} : { until: parseTimeArgument(until, { option: '--until', ...context }) }),
  }
}

/** A mistyped id would otherwise look like a device without logs. */
export async function requireDevices(ids: readonly number[], store: Pick<Store, 'devices'>): Promise<void> {
  const known = new Set((await store.devices.list({ ids })).map(device => device.id))
  const missing = ids.find(id => !known.has(id))
  if (missing !== undefined) throw usageError(`There is no device ${missing}; device:list shows them.`)
}
