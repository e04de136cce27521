import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withQueue } from '../with-queue.ts'

export function queueFlush(cli: Cli): Command {
  return defineCommand('queue:flush', {
    summary: 'remove all failed jobs',
    details: 'No punch is lost by it: the next job of a device reads whatever is not stored yet.',
    examples: ['queue:flush'],
  }).action(cli.action((options: CommonOptions) => flush(cli, options)))
}

async function flush(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  return await withQueue(cli, async ({ queue }) => {
    const flushed = await queue.flush()
    if (options.json) cli.terminal.json({ flushed })
    else cli.terminal.print(`${flushed} failed job(s) removed.`)
    return 0
  })
}
