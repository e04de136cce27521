import type { DeviceJson } from '../../api/types.ts'

/** The settings of a device as they stand in a form. */
export interface DeviceValues {
  readonly name: string
  readonly host: string
  /** Text where it is no number, such as while it is empty. */
  readonly port: number | string
  readonly transport: DeviceJson['transport']
  readonly timezone: string
  /** Empty: none, and of a device that is saved: the one that it has. */
  readonly comm_key: string
  readonly is_live: boolean
  readonly sets_clock: boolean
  readonly tags: string[]
}

export const DEVICE_FIELDS = [
  'name',
  'host',
  'port',
  'transport',
  'timezone',
  'comm_key',
  'is_live',
  'sets_clock',
  'tags',
] as const satisfies readonly (keyof DeviceValues)[]

const PORT = 4370
const PORT_MAX = 65_535
const COMM_KEY_MAX = 4_294_967_295

export function newValues(timezone: string): DeviceValues {
  return {
    name: '',
    host: '',
    port: PORT,
    transport: 'auto',
    timezone,
    comm_key: '',
    is_live: true,
    sets_clock: false,
    tags: [],
  }
}

export function valuesOf(device: DeviceJson): DeviceValues {
  const { name, host, port, transport, timezone, is_live, sets_clock } = device
  return { name, host, port, transport, timezone, comm_key: '', is_live, sets_clock, tags: [...device.tags] }
}

export function isPort(port: number | string): boolean {
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= PORT_MAX
}

export function isCommKey(text: string): boolean {
  return text === '' || (/^\d{1,10}$/.test(text) && Number(text) <= COMM_KEY_MAX)
}

/** What Test Connection takes of settings that are not saved. */
export function targetOf({ host, port, transport, timezone, comm_key }: DeviceValues): object {
  return { host, port, transport, timezone, comm_key: Number(comm_key) }
}

/** A device that is not saved yet. */
export function newDeviceOf(values: DeviceValues): object {
  const { comm_key, tags, ...rest } = values
  return { ...rest, comm_key: Number(comm_key), ...(tags.length > 0 ? { tags } : {}) }
}

/** What is changed, and nothing else: somebody else may have changed the rest meanwhile. Null where nothing is. */
export function changesBetween(before: DeviceValues, after: DeviceValues): object | null {
  const changed = DEVICE_FIELDS.filter(field => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
  if (changed.length === 0) return null
  return Object.fromEntries(changed.map(field => [field, field === 'comm_key' ? Number(after.comm_key) : after[field]]))
}
