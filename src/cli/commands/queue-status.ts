import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { fieldLines } from '../table.ts'
import { withQueue } from '../with-queue.ts'

export function queueStatus(cli: Cli): Command {
  return defineCommand('queue:status', {
    summary: 'count the jobs that wait, run, and failed',
    details: 'The exit status is 1 where the queue cannot be reached.',
    examples: ['queue:status', 'queue:status --json'],
  }).action(cli.action((options: CommonOptions) => showStatus(cli, options)))
}

async function showStatus(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  return await withQueue(cli, async ({ rollcall, queue }) => {
    const { waiting, active, failed } = await queue.counts()
    const backend = rollcall.config.queue.engine
    if (options.json) {
      cli.terminal.json({ backend, waiting, active, failed })
      return 0
    }
    const fields = Object.entries({ backend, waiting, active, failed }).map(
      ([name, value]) => [name, String(value)] as const,
    )
    for (const line of fieldLines(fields)) cli.terminal.print(line)
    return 0
  })
}
