import { connect, type Socket } from 'node:net'

/**
 * The floor of a read: the same requests and answers as ours, in as few lines as a script for one device would have, over
 * node:net alone. It believes everything: no checksum of what comes, no proof of a layout, no timeout, no error.
 */
const RECORD_BYTES = 40
const USER_ID_BYTES = 24
const SLICE_BYTES = 65_472
const SCRATCH_BYTES = 1 << 18

/** The log, column by column. */
export interface Columns {
  readonly count: number
  readonly times: Uint32Array
  readonly userIds: Uint8Array
  readonly verifyModes: Uint8Array
  readonly punchStates: Uint8Array
}

export async function floorExchange(port: number): Promise<Columns> {
  const line = await Line.open(port)
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

interface Target {
  readonly target: Buffer
  at: number
}

class Line {
  readonly #socket: Socket
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  #filled = 0
  #session = 0
  #replyId = -1
  #into: Target | null = null
  #answered: (data: Buffer) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  static open(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Line(socket)))
    })
  }

  /** Sends a request; the answer ends with its acknowledgement, whose data are returned. */
  ask(command: number, data: string | Buffer = '', into: Target | null = null): Promise<Buffer> {
    const body = typeof data === 'string' ? Buffer.from(data) : data
    const frame = Buffer.alloc(16 + body.length)
    frame.writeUInt32LE(0x7d825050, 0)
    frame.writeUInt32LE(8 + body.length, 4)
    frame.writeUInt16LE(command, 8)
    frame.writeUInt16LE(this.#session, 12)
    frame.writeUInt16LE(++this.#replyId, 14)
    body.copy(frame, 16)
    let sum = 0
    for (let i = 8; i < frame.length; i += 2) sum += (frame[i] as number) + ((frame[i + 1] ?? 0) << 8)
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
    frame.writeUInt16LE(~sum & 0xffff, 10)
    this.#into = into
    this.#socket.write(frame)
    return new Promise(resolve => {
      this.#answered = resolve
    })
  }

  end(): Promise<void> {
    return new Promise(resolve => {
      this.#socket.once('close', () => resolve())
      this.#socket.end()
    })
  }

  #receive(chunk: Buffer): void {
    chunk.copy(this.#scratch, this.#filled)
    this.#filled += chunk.length
    let at = 0
    while (this.#filled - at >= 16) {
      const end = at + 8 + this.#scratch.readUInt32LE(at + 4)
      if (end > this.#filled) break
      this.#take(this.#scratch.readUInt16LE(at + 8), at + 16, end)
      at = end
    }
    this.#scratch.copyWithin(0, at, this.#filled)
    this.#filled -= at
  }

  #take(command: number, start: number, end: number): void {
    if (command === 1501 && this.#into) {
      this.#scratch.copy(this.#into.target, this.#into.at, start, end)
      this.#into.at += end - start
    }
    if (command === 1500 || (command === 1501 && this.#into && !this.#isWhole(end - start))) return
    if (this.#session === 0) this.#session = this.#scratch.readUInt16LE(start - 4)
    this.#answered(Buffer.from(this.#scratch.subarray(start, end)))
  }

  /** A last slice of up to 1,024 bytes comes as one packet of data, without announcement and acknowledgement. */
  #isWhole(bytes: number): boolean {
    return this.#into !== null && this.#into.at === this.#into.target.length && bytes <= 1024
  }
}
