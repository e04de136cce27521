import type { Rollcall } from '../app/rollcall.ts'
import type { JobQueue } from '../model/job-queue.ts'
import type { Cli, ExitStatus } from './command.ts'
import { type PatienceOptions, withRollcall } from './open.ts'

/** Opens this installation and its queue for the time of `work`. */
export async function withQueue(
  cli: Cli & PatienceOptions,
  work: (parts: { rollcall: Rollcall; queue: JobQueue }) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  return await withRollcall(cli, async rollcall => {
    const { openQueue } = await import('../app/queue.ts')
    await using queue = await openQueue(rollcall)
    return await work({ rollcall, queue })
  })
}
