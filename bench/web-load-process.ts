import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { WebConnection } from './web-connection.ts'

/** What the process is asked to do: to ask for a path so often, over all its connections together. */
export interface LoadOrder {
  readonly path: string
  readonly requests: number
}

export interface LoadReport {
  readonly wallMs: number
  /** Of the body of each answer. */
  readonly bytes: number
}

/** Asks a server from a process of its own. Tells `ready`, then a report for each order. */
const [port, token = '', count] = process.argv.slice(2)
const connections = await Promise.all(
  Array.from({ length: Number(count) }, () => WebConnection.open({ port: Number(port), token })),
)
process.on('message', (order: LoadOrder) => void load(order).then(report => process.send?.(report)))
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function load({ path, requests }: LoadOrder): Promise<LoadReport> {
  const start = performance.now()
  let left = requests
  let bytes = 0
  const ask = async (connection: WebConnection) => {
    while (left-- > 0) {
      const { status, body } = await connection.get(path)
      assert.equal(status, 200)
      bytes = body.length
    }
  }
  // A process that sleeps is woken by the server, as it writes the answer: on a virtual machine that takes 20 to 50 µs, which would count
  // as the server's, and only where it is slower than this process.
  let isOver = false
  const stayAwake = () => isOver || setImmediate(stayAwake)
  stayAwake()
  await Promise.all(connections.map(ask))
  isOver = true
  return { wallMs: performance.now() - start, bytes }
}
