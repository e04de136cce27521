import type { Command } from 'commander'
import { usageError } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withQueue } from '../with-queue.ts'

export function queueRetry(cli: Cli): Command {
  return defineCommand('queue:retry', {
    summary: 'put failed jobs back into the queue, with all their tries',
    details:
      'Where a job of the same device waits already, the failed one is only removed. The exit status is 1 where an id is no failed job.',
    examples: ['queue:retry 17', 'queue:retry 17 18', 'queue:retry all'],
  })
    .argument('<id...>', 'ids that queue:failed shows, or the word all')
    .action(cli.action((ids: string[], options: CommonOptions) => retryJobs(cli, ids, options)))
}

async function retryJobs(cli: Cli, given: readonly string[], options: CommonOptions): Promise<ExitStatus> {
  const ids = [...new Set(given)]
  const isAll = ids.includes('all')
  if (isAll && ids.length > 1) throw usageError('Give the ids of failed jobs, or the word all, not both.')
  return await withQueue(cli, async ({ queue }) => {
    const retried = await queue.retry(isAll ? 'all' : ids)
    if (options.json) cli.terminal.json({ retried })
    else cli.terminal.print(`${retried} job(s) put back.`)
    if (isAll || retried === ids.length) return 0
    const missing = ids.length - retried
    cli.terminal.note(`${missing} of the ids ${missing === 1 ? 'is' : 'are'} no failed job; queue:failed shows them.`)
    return 1
  })
}
