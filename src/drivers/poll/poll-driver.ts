import type { Base } from '../../base/base.ts'
import { readCounters, readFirmware, readOption, readTime } from '../../client/conversations.ts'
import { DeviceClient } from '../../client/device-client.ts'
import type { Network } from '../../client/network.ts'
import { LENGTH_WORD_BYTES } from '../../client/read-block.ts'
import { Command } from '../../codec/binary/commands.ts'
import { PackedTimeFormatter } from '../../codec/binary/packed-time.ts'
import { decodeUserBlock } from '../../codec/binary/user-record.ts'
import type { Device, DeviceIdentity, Person, Transport } from '../../model/device.ts'
import type { DeviceDriver, LogRead, LogReadRequest, OpenDevice, PeopleRead } from '../../model/device-driver.ts'
import { readAttendanceLog } from './attendance-log.ts'

/** The content type of a user read (docs/protocol/users.md). */
const USERS_CONTENT = 5

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
      const identity = await identify(client, device, signal)
      const packedTime = await client.run(readTime(), signal)
      return new PolledDevice(client, { identity, packedTime })
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

/** Asks for what may have changed: the model of a device does not, unless its firmware does. */
async function identify(client: DeviceClient, known: Device, signal: AbortSignal): Promise<DeviceIdentity> {
  const serialNumber = await client.run(readOption('~SerialNumber'), signal)
  const firmware = await client.run(readFirmware(), signal)
  const isKnown = known.model !== null && known.firmware === firmware && known.serialNumber === serialNumber
  const model = isKnown ? known.model : await client.run(readOption('~DeviceName'), signal)
  const platform = isKnown ? null : await client.run(readOption('~Platform'), signal)
  return { serialNumber, firmware, model: model ?? platform, platform, transport: client.transport }
}

class PolledDevice implements OpenDevice {
  readonly identity: DeviceIdentity
  readonly localTime: string | null
  readonly #client: DeviceClient
  readonly #packedTime: number | null

  constructor(client: DeviceClient, told: { identity: DeviceIdentity; packedTime: number | null }) {
    this.#client = client
    this.identity = told.identity
    this.#packedTime = told.packedTime
    this.localTime = told.packedTime === null ? null : new PackedTimeFormatter().text(told.packedTime)
  }

  async readPeople(signal: AbortSignal): Promise<PeopleRead> {
    const seenFrom = await this.#readLocalTime(signal)
    const people = await this.#readPeople(signal)
    return { people, seenFrom, seenUntil: await this.#readLocalTime(signal) }
  }

  async #readLocalTime(signal: AbortSignal): Promise<string | null> {
    const packedTime = await this.#client.run(readTime(), signal)
    return packedTime === null ? null : new PackedTimeFormatter().text(packedTime)
  }

  async #readPeople(signal: AbortSignal): Promise<Person[]> {
    const counters = await this.#client.run(readCounters(), signal)
    const request = {
      command: Command.UserTempRrq,
      argument: USERS_CONTENT,
      directData: Uint8Array.of(USERS_CONTENT),
    }
    const block = await this.#client.readBlock(request, { onProgress: () => {} }, signal)
    if (!block || block.length === LENGTH_WORD_BYTES) return []
    return decodeUserBlock(block, { userCount: counters.users })
      .filter(user => user.userId !== '')
      .map(({ uid, userId, name }) => ({ uid, userId, name }))
  }

  readLog(request: LogReadRequest, signal: AbortSignal): Promise<LogRead> {
    return readAttendanceLog(this.#client, { ...request, deviceTime: this.#packedTime }, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }
}
