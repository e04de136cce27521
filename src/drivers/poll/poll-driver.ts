import type { Base } from '../../base/base.ts'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../../base/errors.ts'
import {
  PUNCH_EVENTS,
  readCounters,
  readFirmware,
  readOption,
  readTime,
  registerEvents,
  setTime,
} from '../../client/conversations.ts'
import { DeviceClient } from '../../client/device-client.ts'
import type { Network } from '../../client/network.ts'
import { LENGTH_WORD_BYTES, readWhole } from '../../client/read-block.ts'
import { Command } from '../../codec/binary/commands.ts'
import { encodePackedTime, PackedTimeFormatter, parseLocalTime } from '../../codec/binary/packed-time.ts'
import { decodeUserBlock } from '../../codec/binary/user-record.ts'
import type { Device, DeviceIdentity, Person, Transport } from '../../model/device.ts'
import type {
  DeviceDriver,
  DeviceTime,
  KnownIdentity,
  LiveEvents,
  LogCounters,
  LogRead,
  LogReadRequest,
  OpenDevice,
  PeopleRead,
} from '../../model/device-driver.ts'
import { readAttendanceLog } from './attendance-log.ts'
import { readEvents } from './live-events.ts'

/** The content type of a user read (docs/protocol/users.md). */
const USERS_CONTENT = 5
const USERS = { command: Command.UserTempRrq, argument: USERS_CONTENT, directData: Uint8Array.of(USERS_CONTENT) }

/** Reads devices by asking them. */
export class PollDriver implements DeviceDriver {
  readonly #network: Network
  readonly #base: Base

  constructor(parts: { network: Network; base: Base }) {
    this.#network = parts.network
    this.#base = parts.base
  }

  async open(device: Device, commKey: number, signal: AbortSignal): Promise<OpenDevice> {
    const client = await DeviceClient.open(
      { address: { host: device.host, port: device.port }, transports: transportsToTry(device), commKey },
      { network: this.#network, base: this.#base },
      signal,
    )
    try {
      const serialNumber = await client.run(readOption('~SerialNumber'), signal)
      const open = new PolledDevice(client, { serialNumber, clock: this.#base.clock })
      await open.readTime(signal)
      return open
    } catch (error) {
      await client[Symbol.asyncDispose]()
      throw error
    }
  }
}

/**
 * With `auto` the transport that worked last goes first; the other one stands by. After a failure TCP goes first again, lest one
 * refused connection moves a device to UDP for good.
 */
export function transportsToTry(
  device: Pick<Device, 'transport' | 'provenTransport' | 'lastError'>,
): readonly [Transport, ...Transport[]] {
  if (device.transport !== 'auto') return [device.transport]
  return device.provenTransport === 'udp' && device.lastError === null ? ['udp', 'tcp'] : ['tcp', 'udp']
}

class PolledDevice implements OpenDevice {
  readonly serialNumber: string | null
  readonly #client: DeviceClient
  readonly #clock: Clock
  /** Of the records that were read last: what an event says of a person depends on it. */
  #layout: string | null = null
  #time: { packed: number; told: DeviceTime } | null = null

  constructor(client: DeviceClient, parts: { serialNumber: string | null; clock: Clock }) {
    this.#client = client
    this.#clock = parts.clock
    this.serialNumber = parts.serialNumber
  }

  get transport(): Transport {
    return this.#client.transport
  }

  get bytesReceived(): number {
    return this.#client.counters.bytesReceived
  }

  get time(): DeviceTime | null {
    return this.#time?.told ?? null
  }

  async readTime(signal: AbortSignal): Promise<DeviceTime | null> {
    const askedAtMs = this.#clock.now()
    const packed = await this.#client.run(readTime(), signal)
    const localTime = packed === null ? null : new PackedTimeFormatter().text(packed)
    const readAtMs = (askedAtMs + this.#clock.now()) / 2
    this.#time = packed === null || localTime === null ? null : { packed, told: { localTime, readAtMs } }
    return this.time
  }

  async setTime(localTime: string, signal: AbortSignal): Promise<DeviceTime | null> {
    const time = parseLocalTime(localTime)
    if (time === null) throw new DeviceError('COMMAND_FAILED', `${localTime} is no time that a device can show`)
    await this.#client.run(setTime(encodePackedTime(time)), signal)
    return this.readTime(signal)
  }

  async readCounters(signal: AbortSignal): Promise<LogCounters> {
    const told = await this.#client.run(readCounters(), signal)
    return {
      records: told.attendanceRecords,
      users: told.users,
      capacity: told.attendanceCapacity,
      free: told.attendanceFree,
    }
  }

  /** The model of a device does not change, unless its firmware does. */
  async identify(known: KnownIdentity, signal: AbortSignal): Promise<DeviceIdentity> {
    const { serialNumber, transport } = this
    const firmware = await this.#client.run(readFirmware(), signal)
    const isKnown = known.model !== null && known.firmware === firmware && known.serialNumber === serialNumber
    const model = isKnown ? known.model : await this.#client.run(readOption('~DeviceName'), signal)
    const platform = isKnown ? null : await this.#client.run(readOption('~Platform'), signal)
    return { serialNumber, firmware, model: model ?? platform, platform, transport }
  }

  async readPeople(signal: AbortSignal): Promise<PeopleRead> {
    const seenFrom = await this.readTime(signal)
    const people = await this.#readPeople(signal)
    const seenUntil = await this.readTime(signal)
    return { people, seenFrom: seenFrom?.localTime ?? null, seenUntil: seenUntil?.localTime ?? null }
  }

  async #readPeople(signal: AbortSignal): Promise<Person[]> {
    const { users } = await this.readCounters(signal)
    const block = await this.#client.withBlock(USERS, { onProgress: () => {} }, read => readWhole(read, signal), signal)
    if (!block || block.length === LENGTH_WORD_BYTES) return []
    return decodeUserBlock(block, { userCount: users })
      .filter(user => user.userId !== '')
      .map(({ uid, userId, name }) => ({ uid, userId, name }))
  }

  async readLog(request: LogReadRequest, signal: AbortSignal): Promise<LogRead> {
    const log = await readAttendanceLog(this.#client, { ...request, deviceTime: this.#time?.packed ?? null }, signal)
    this.#layout = log.layout ?? this.#layout
    return log
  }

  startEvents(layout: string | null, signal: AbortSignal): Promise<boolean> {
    this.#layout ??= layout
    return this.#client.run(registerEvents(PUNCH_EVENTS), signal)
  }

  async takeEvents(ms: number, signal: AbortSignal): Promise<LiveEvents> {
    const { events, dropped } = await this.#client.takeEvents(ms, signal)
    return {
      ...readEvents(events, { dropped, layout: this.#layout }),
      acknowledge: () => {
        for (const event of events) this.#client.acknowledge(event)
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }
}
