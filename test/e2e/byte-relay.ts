import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * Stands between a client and a device on this machine and passes on what the device says byte by byte, each in a turn of
 * the event loop of its own, so that the client reads them one at a time.
 */
export async function relayByBytes(devicePort: number): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, client => {
    const device = connect({ host: '127.0.0.1', port: devicePort, noDelay: true })
    for (const socket of [client, device]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', bytes => device.write(bytes))
    client.on('close', () => device.destroy())
    void passOn(device, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function passOn(from: Socket, to: Socket): Promise<void> {
  try {
    for await (const bytes of from as AsyncIterable<Buffer>) {
      for (const byte of bytes) {
        if (to.destroyed) return
        to.write(Uint8Array.of(byte))
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    }
    to.end()
  } catch {
    // The device went away in the middle: so does the other side.
    to.destroy()
  }
}
