import { systemClock } from '../src/base/clock.ts'
import { openQueueInstallation } from './queue-installation.ts'

/** What the process is asked to do: to run jobs that wait so long, until there are none. */
export interface WorkOrder {
  readonly concurrency: number
  readonly waitMs: number
}

export interface WorkReport {
  readonly jobs: number
  /** Of this process alone, from the order to the last job. */
  readonly cpuMs: number
}

/** A worker of the queue part, on the installation in a folder. Tells `ready`, then a report for each order. */
const [folder = '.', redisUrl = ''] = process.argv.slice(2)
const { queue, ...installation } = await openQueueInstallation({ folder, redisUrl })
process.on('message', (order: WorkOrder) => void work(order))
process.on('disconnect', () => void installation[Symbol.asyncDispose]().then(() => process.exit(0)))
process.send?.('ready')

async function work({ concurrency, waitMs }: WorkOrder): Promise<void> {
  const before = process.cpuUsage()
  let jobs = 0
  const run = async () => {
    if (waitMs > 0) await systemClock.sleep(waitMs)
    jobs++
  }
  await queue.work({ concurrency, stopWhenEmpty: true, run }, new AbortController().signal)
  const { user, system } = process.cpuUsage(before)
  const report: WorkReport = { jobs, cpuMs: (user + system) / 1000 }
  process.send?.(report)
}
