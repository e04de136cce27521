import { FloorLine } from './floor-line.ts'

/**
 * The floor of a read: the same requests and answers as ours, in as few lines as a script for one device would have, over
 * node:net alone. It believes everything: no checksum of what comes, no proof of a layout, no timeout, no error.
 */
const RECORD_BYTES = 40
const USER_ID_BYTES = 24
const SLICE_BYTES = 65_472

/** The log, column by column. */
export interface Columns {
  readonly count: number
  readonly times: Uint32Array
  readonly userIds: Uint8Array
  readonly verifyModes: Uint8Array
  readonly punchStates: Uint8Array
}

export async function floorExchange(port: number): Promise<Columns> {
  const line = await FloorLine.open(port)
  await line.ask(1000)
  await line.ask(12, 'SDKBuild=1\0')
  await line.ask(11, '~SerialNumber\0')
  await line.ask(1100)
  await line.ask(11, '~DeviceName\0')
  await line.ask(11, '~Platform\0')
  await line.ask(201)
  await line.ask(50)
  const ready = await line.ask(1503, Buffer.from('010d000000000000000000', 'hex'))
  const size = ready.readUInt32LE(1)
  const block = Buffer.allocUnsafe(size)
  for (let offset = 0; offset < size; offset += SLICE_BYTES) {
    const range = Buffer.alloc(8)
    range.writeUInt32LE(offset, 0)
    range.writeUInt32LE(Math.min(SLICE_BYTES, size - offset), 4)
    await line.ask(1504, range, { target: block, at: offset })
  }
  await line.ask(1502)
  await line.ask(50)
  await line.ask(1001)
  await line.end()
  return columnsOf(block)
}

function columnsOf(block: Buffer): Columns {
  const count = (block.length - 4) / RECORD_BYTES
  const times = new Uint32Array(count)
  const userIds = new Uint8Array(count * USER_ID_BYTES)
  const verifyModes = new Uint8Array(count)
  const punchStates = new Uint8Array(count)
  for (let i = 0, at = 4; i < count; i++, at += RECORD_BYTES) {
    block.copy(userIds, i * USER_ID_BYTES, at + 2, at + 2 + USER_ID_BYTES)
    verifyModes[i] = block[at + 26] as number
    times[i] = block.readUInt32LE(at + 27)
    punchStates[i] = block[at + 31] as number
  }
  return { count, times, userIds, verifyModes, punchStates }
}
