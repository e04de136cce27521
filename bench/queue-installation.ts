import { readConfig } from '../src/app/config.ts'
import { openQueue } from '../src/app/queue.ts'
import { openRollcall, type Rollcall } from '../src/app/rollcall.ts'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import type { JobQueue } from '../src/model/job-queue.ts'

/** Where an installation of the queue part is: the embedded queue, unless there is the URL of a Redis. */
export interface QueuePlace {
  readonly folder: string
  readonly redisUrl: string
}

/** A whole installation with its queue, as the commands open it. */
export async function openQueueInstallation({
  folder,
  redisUrl,
}: QueuePlace): Promise<{ rollcall: Rollcall; queue: JobQueue } & AsyncDisposable> {
  const config = readConfig({ environment: { REDIS_URL: redisUrl }, workingDirectory: folder })
  const rollcall = await openRollcall(config, { clock: systemClock, random: systemRandom, log: silentLog })
  const queue = await openQueue(rollcall)
  return {
    rollcall,
    queue,
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]()
      await rollcall[Symbol.asyncDispose]()
    },
  }
}
