import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a process and a database server on this machine, and loses their connections on demand. */
export class ServerRelay implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cutsAtAnswer = false

  private constructor(serverPort: number) {
    this.#server = createServer({ noDelay: true }, client => {
      const server = connect({ host: '127.0.0.1', port: serverPort, noDelay: true })
      this.#pass(client, server, () => true)
      this.#pass(server, client, () => {
        if (!this.#cutsAtAnswer) return true
        this.cut()
        return false
      })
    })
  }

  static async open(serverPort: number): Promise<ServerRelay> {
    const relay = new ServerRelay(serverPort)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Every connection is gone, and what was said last was not heard. New ones pass. */
  cut(): void {
    this.#cutsAtAnswer = false
    for (const socket of this.#sockets) socket.destroy()
  }

  /** What the server says next is not heard, and every connection is gone in its place: what it was asked for, it has done. */
  cutAtAnswer(): void {
    this.#cutsAtAnswer = true
  }

  /** What was to be lost next is not. */
  heal(): void {
    this.#cutsAtAnswer = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #pass(from: Socket, to: Socket, mayPass: () => boolean): void {
    this.#sockets.add(from)
    from.on('error', () => {})
    from.on('data', bytes => {
      if (mayPass()) to.write(bytes)
    })
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
