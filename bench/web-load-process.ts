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
  /** Of this process alone: where it is as much as the wall, this process was what was measured. */
  readonly cpuMs: number
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
  const cpu = process.cpuUsage()
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
  await Promise.all(connections.map(ask))
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000, bytes }
}
