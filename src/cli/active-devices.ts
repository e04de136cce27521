import type { Store } from '../model/store.ts'
import { usageError } from './arguments.ts'
import { requireDevices } from './log-filter.ts'
import type { Terminal } from './terminal.ts'

/** Says what is to be done where no device is active; a command without an end then waits for one. */
export async function sayIfNoneActive(
  terminal: Pick<Terminal, 'note'>,
  store: Pick<Store, 'devices'>,
  { once }: { once?: boolean },
): Promise<void> {
  if ((await store.devices.list({ active: true })).length > 0) return
  const any = (await store.devices.list()).length > 0
  const advice = any
    ? 'enable one: rollcall device:enable ID'
    : 'add one: rollcall device:add --name NAME --host ADDRESS'
  const waits = once ? '' : ' Waiting for one, until Ctrl+C.'
  terminal.note(`There are no active devices; ${advice}.${waits}`)
}

/** A device that was named must exist and be active. @throws ConfigError `CONFIG_INVALID`. */
export async function requireActive(ids: readonly number[], store: Pick<Store, 'devices'>): Promise<void> {
  await requireDevices(ids, store)
  const disabled = (await store.devices.list({ ids, active: false }))[0]
  if (disabled) {
    throw usageError(
      `--device-id ${disabled.id}: the device is disabled; device:enable ${disabled.id} has it synced again.`,
    )
  }
}
