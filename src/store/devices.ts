import type { Kysely, Transaction, Updateable } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { ConfigError, StoreError } from '../base/errors.ts'
import type { Device, DeviceIdentity, DeviceSettings, LiveState } from '../model/device.ts'
import type { LogCounters } from '../model/device-driver.ts'
import { inAlphabeticalOrder } from '../model/device-input.ts'
import type { DeviceStore, SecretBox } from '../model/store.ts'
import type { Engine } from './engine.ts'
import { tell } from './feed.ts'
import { insertedId } from './inserted-id.ts'
import { instantFrom, instantText } from './instants.ts'
import type { DeviceRow, DevicesTable, Tables } from './tables.ts'

/** Every column but the sealed comm key, of which only its being there is told. */
const DEVICE_COLUMNS = [
  'id',
  'name',
  'host',
  'port',
  'transport',
  'proven_transport',
  'timezone',
  'is_active',
  'serial_number',
  'model',
  'firmware',
  'platform',
  'last_synced_at',
  'last_error',
  'created_at',
  'updated_at',
  'is_live',
  'sets_clock',
  'live_state',
  'records_on_device',
  'people_read_at',
  'log_capacity',
] as const

/** What devices tell at a contact, and the wish that their live state answers. */
const TOLD_COLUMNS = [
  'serial_number',
  'model',
  'firmware',
  'platform',
  'proven_transport',
  'is_live',
  'live_state',
  'records_on_device',
  'log_capacity',
] as const
type ToldColumns = Pick<DeviceRow, (typeof TOLD_COLUMNS)[number]>

export class SqlDevices implements DeviceStore {
  readonly #engine: Engine
  readonly #kysely: Kysely<Tables>
  readonly #clock: Pick<Clock, 'now'>
  readonly #secrets: SecretBox

  constructor(parts: { engine: Engine; clock: Pick<Clock, 'now'>; secrets: SecretBox }) {
    this.#engine = parts.engine
    this.#kysely = parts.engine.kysely
    this.#clock = parts.clock
    this.#secrets = parts.secrets
  }

  async add(settings: DeviceSettings): Promise<Device> {
    const now = instantText(this.#clock.now())
    const columns = {
      name: settings.name,
      host: settings.host,
      port: settings.port,
      transport: settings.transport,
      timezone: settings.timezone,
      is_active: Number(settings.isActive),
      is_live: Number(settings.isLive),
      sets_clock: Number(settings.setsClock),
      comm_key_sealed: this.#sealed(settings.commKey),
      created_at: now,
      updated_at: now,
    }
    return this.#write(async transaction => {
      const id = await insertedId(transaction, transaction.insertInto('devices').values(columns))
      await insertTags(transaction, id, settings.tags ?? [])
      const device = await readDevice(transaction, id)
      await this.#tell(transaction, id)
      return device
    })
  }

  async edit(id: number, changes: Partial<DeviceSettings>): Promise<Device> {
    const columns: Updateable<DevicesTable> = { updated_at: instantText(this.#clock.now()) }
    if (changes.name !== undefined) columns.name = changes.name
    if (changes.host !== undefined) columns.host = changes.host
    if (changes.port !== undefined) columns.port = changes.port
    if (changes.transport !== undefined) columns.transport = changes.transport
    if (changes.timezone !== undefined) columns.timezone = changes.timezone
    if (changes.isActive !== undefined) columns.is_active = Number(changes.isActive)
    if (changes.isLive !== undefined) columns.is_live = Number(changes.isLive)
    if (changes.isLive === false) columns.live_state = null
    if (changes.setsClock !== undefined) columns.sets_clock = Number(changes.setsClock)
    if (changes.commKey !== undefined) columns.comm_key_sealed = this.#sealed(changes.commKey)
    return this.#write(async transaction => {
      await transaction.updateTable('devices').set(columns).where('id', '=', id).execute()
      if (changes.tags !== undefined) await replaceTags(transaction, id, changes.tags)
      const device = await readDevice(transaction, id)
      await this.#tell(transaction, id)
      return device
    })
  }

  async remove(id: number): Promise<void> {
    await this.#write(async transaction => {
      const { numDeletedRows } = await transaction.deleteFrom('devices').where('id', '=', id).executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) throw noSuchDevice(id)
      await this.#tell(transaction, id)
    })
  }

  async get(id: number): Promise<Device> {
    return readDevice(this.#kysely, id)
  }

  async list(filter: { active?: boolean; ids?: readonly number[]; serialNumber?: string } = {}): Promise<Device[]> {
    if (filter.ids?.length === 0) return []
    let query = selectDevices(this.#kysely).orderBy('id')
    if (filter.active !== undefined) query = query.where('is_active', '=', Number(filter.active))
    if (filter.ids) query = query.where('id', 'in', filter.ids)
    if (filter.serialNumber !== undefined) query = query.where('serial_number', '=', filter.serialNumber)
    return devicesFrom(await query.execute())
  }

  async commKey(id: number): Promise<number> {
    const row = await this.#kysely
      .selectFrom('devices')
      .select('comm_key_sealed')
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw noSuchDevice(id)
    if (row.comm_key_sealed === null) return 0
    const text = this.#secrets.open(row.comm_key_sealed)
    if (!/^\d{1,10}$/.test(text)) {
      throw new ConfigError('SECRET_UNUSABLE', `the sealed comm key of device ${id} does not hold a comm key`)
    }
    return Number(text)
  }

  async recordIdentity(id: number, identity: DeviceIdentity): Promise<void> {
    await this.#remember(id, known => ({
      serial_number: identity.serialNumber ?? known.serial_number,
      model: identity.model ?? known.model,
      firmware: identity.firmware ?? known.firmware,
      platform: identity.platform ?? known.platform,
      proven_transport: identity.transport,
    }))
  }

  async recordLiveState(id: number, state: LiveState | null): Promise<void> {
    await this.#remember(id, known => ({ live_state: known.is_live === 1 ? state : null }))
  }

  async recordCounters(id: number, counters: Pick<LogCounters, 'records' | 'capacity'>): Promise<void> {
    await this.#remember(id, known => ({
      records_on_device: counters.records ?? known.records_on_device,
      log_capacity: counters.capacity ?? known.log_capacity,
    }))
  }

  /**
   * Keeps what a contact told. Contacts come through here often, and hardly any brings news: a write each time would be most
   * of the writes.
   */
  async #remember(id: number, tell: (known: ToldColumns) => Partial<ToldColumns>): Promise<void> {
    await this.#write(async transaction => {
      const known = await transaction
        .selectFrom('devices')
        .select(TOLD_COLUMNS)
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (!known) throw noSuchDevice(id)
      const told = tell(known)
      if ((Object.keys(told) as Array<keyof ToldColumns>).every(column => told[column] === known[column])) return
      await transaction.updateTable('devices').set(told).where('id', '=', id).execute()
      await this.#tell(transaction, id)
    })
  }

  /** Last in its transaction. */
  #tell(transaction: Transaction<Tables>, deviceId: number): Promise<void> {
    return tell(transaction, [{ kind: 'device', deviceId }], this.#clock.now())
  }

  #write<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#engine.transaction(work)
  }

  #sealed(commKey: number): string | null {
    return commKey === 0 ? null : this.#secrets.seal(String(commKey))
  }
}

function selectDevices(kysely: Kysely<Tables>) {
  return kysely
    .selectFrom('devices')
    .leftJoin('device_tags', 'device_tags.device_id', 'devices.id')
    .select(DEVICE_COLUMNS)
    .select('tag')
    .select(({ eb }) => eb('comm_key_sealed', 'is not', null).as('has_comm_key'))
}

async function readDevice(kysely: Kysely<Tables>, id: number): Promise<Device> {
  const [device] = devicesFrom(await selectDevices(kysely).where('id', '=', id).execute())
  if (!device) throw noSuchDevice(id)
  return device
}

async function insertTags(transaction: Transaction<Tables>, id: number, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return
  const rows = tags.map(tag => ({ device_id: id, tag }))
  await transaction.insertInto('device_tags').values(rows).execute()
}

async function replaceTags(transaction: Transaction<Tables>, id: number, tags: readonly string[]): Promise<void> {
  await transaction.deleteFrom('device_tags').where('device_id', '=', id).execute()
  await insertTags(transaction, id, tags)
}

type DeviceRowWithoutSecret = Omit<DeviceRow, 'comm_key_sealed'> & { has_comm_key: unknown }

/** A device has a row for each of its tags, and one where it has none. In the order of the first row of each. */
function devicesFrom(rows: ReadonlyArray<DeviceRowWithoutSecret & { tag: string | null }>): Device[] {
  const devices = new Map<number, { row: DeviceRowWithoutSecret; tags: string[] }>()
  for (const { tag, ...row } of rows) {
    const device = devices.get(row.id) ?? { row, tags: [] }
    devices.set(row.id, device)
    if (tag !== null) device.tags.push(tag)
  }
  return Array.from(devices.values(), ({ row, tags }) => deviceFrom(row, inAlphabeticalOrder(tags)))
}

function deviceFrom(row: DeviceRowWithoutSecret, tags: readonly string[]): Device {
  return {
    id: row.id,
    name: row.name,
    host: row.host,
    port: row.port,
    transport: row.transport,
    provenTransport: row.proven_transport,
    timezone: row.timezone,
    tags,
    isActive: row.is_active === 1,
    isLive: row.is_live === 1,
    setsClock: row.sets_clock === 1,
    liveState: row.live_state,
    serialNumber: row.serial_number,
    model: row.model,
    firmware: row.firmware,
    recordsOnDevice: row.records_on_device,
    peopleReadAt: row.people_read_at === null ? null : instantFrom(row.people_read_at),
    logCapacity: row.log_capacity,
    hasCommKey: Boolean(row.has_comm_key),
    lastSyncedAt: row.last_synced_at === null ? null : instantFrom(row.last_synced_at),
    lastError: row.last_error,
    createdAt: instantFrom(row.created_at),
    updatedAt: instantFrom(row.updated_at),
  }
}

function noSuchDevice(id: number): StoreError {
  return new StoreError('NOT_FOUND', `there is no device ${id}`)
}
