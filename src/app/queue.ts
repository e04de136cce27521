import type { JobQueue } from '../model/job-queue.ts'
import { isHolderDead } from './holder.ts'
import type { Rollcall } from './rollcall.ts'

/**
 * The queue of this installation: BullMQ where `REDIS_URL` is set, a table of the database where not. A server that is out of
 * reach is no error here; see {@link JobQueue}. The module of a backend is loaded when it is chosen.
 */
export async function openQueue(rollcall: Pick<Rollcall, 'config' | 'base' | 'store' | 'holder'>): Promise<JobQueue> {
  const { config, base, store, holder } = rollcall
  if (config.queue.engine === 'redis') {
    const { BullmqQueue } = await import('../queue/bullmq/bullmq-queue.ts')
    return new BullmqQueue({ address: config.queue.address, base })
  }
  const { EmbeddedQueue } = await import('../queue/embedded/embedded-queue.ts')
  return new EmbeddedQueue({ jobs: store.jobs, holder, isHolderDead, base })
}
