import type { JobQueue } from '../model/job-queue.ts'
import { isHolderDead } from './holder.ts'
import type { Rollcall } from './rollcall.ts'

/**
 * The queue of this installation: BullMQ where `REDIS_URL` is set, a table of the database where not. A server that is out of
 * reach is no error here; see {@link JobQueue}. The module of a backend is loaded when it is chosen.
 */
export async function openQueue(rollcall: Pick<Rollcall, 'config' | 'base' | 'store' | 'holder'>): Promise<JobQueue> {
  const { base, store, holder } = rollcall
  const { EmbeddedQueue } = await import('../queue/embedded/embedded-queue.ts')
  return new EmbeddedQueue({ jobs: store.jobs, holder, isHolderDead, base })
}
