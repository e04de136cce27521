import { connect, type Socket } from 'node:net'

const SCRATCH_BYTES = 1 << 18

interface Target {
  readonly target: Buffer
  at: number
}

/** A connection as a script would have it: one request at a time, and events to whoever wants them. */
export class FloorLine {
  readonly #socket: Socket
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  #filled = 0
  #session = 0
  #replyId = -1
  #into: Target | null = null
  #answered: (data: Buffer) => void = () => {}
  /** Told what an event holds; lent for the time of the call. */
  onEvent: (data: Buffer) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  static open(port: number): Promise<FloorLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new FloorLine(socket)))
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
    if (command === 500) {
      this.onEvent(this.#scratch.subarray(start, end))
      return
    }
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
