import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface WebAnswer {
  readonly status: number
  readonly body: Buffer
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** One connection that is kept alive and asks for one thing after the other. It knows answers with a length, and no others. */
export class WebConnection implements Disposable {
  readonly #socket: Socket
  readonly #token: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve(answer: WebAnswer): void; reject(error: Error): void } | null = null

  private constructor(socket: Socket, token: string) {
    this.#socket = socket
    this.#token = token
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server has closed the connection')))
  }

  static async open({ port, token }: { port: number; token: string }): Promise<WebConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    return new WebConnection(socket, token)
  }

  get(path: string): Promise<WebAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${this.#token}\r\n\r\n`)
    })
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    const received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const headEnd = received.indexOf(HEAD_END)
    const head = headEnd === -1 ? '' : received.toString('latin1', 0, headEnd)
    const length = /^content-length: (\d+)/im.exec(head)?.[1]
    const bodyAt = headEnd + HEAD_END.length
    if (headEnd !== -1 && length === undefined) this.#fail(new Error(`an answer without a length: ${head}`))
    if (headEnd === -1 || received.length < bodyAt + Number(length)) {
      this.#received = received
      return
    }
    this.#received = Buffer.alloc(0)
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.resolve({ status: Number(head.slice(9, 12)), body: received.subarray(bodyAt) })
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = null
  }
}
