import type { Command } from 'commander'
import { parseCount } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { openProgress } from '../progress.ts'
import { withQueue } from '../with-queue.ts'
import { workPrinter } from '../work-lines.ts'

/** Each job holds at most one log in memory; more at once is a matter of more processes. */
const WORKERS_MAX = 256

/** Jobs have their grace and are then given back, which takes a moment of the five seconds that are promised. */
const PATIENCE_MS = 4_900

interface Options extends CommonOptions {
  workers?: number
  stopWhenEmpty?: true
}

export function queueWork(cli: Cli): Command {
  return defineCommand('queue:work', {
    summary: 'run queued sync jobs, until Ctrl+C',
    details:
      'Any number of these processes share the jobs. Ctrl+C lets the jobs in hand finish, or gives them back, within five seconds. A job fails after three tries and is then kept: queue:failed shows it.',
    examples: ['queue:work', 'queue:work --workers 8', 'queue:work --stop-when-empty --json'],
  })
    .option(
      '--workers <n>',
      'jobs to run at the same time (default: 1)',
      parseCount('--workers', { min: 1, max: WORKERS_MAX }),
    )
    .option('--stop-when-empty', 'end once no job waits any more')
    .action(cli.action((options: Options) => workQueue(cli, options)))
}

async function workQueue(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const json = options.json === true
  using interrupts = listenForInterrupts(cli, { patienceMs: PATIENCE_MS })
  const untilInterrupted = options.stopWhenEmpty ? undefined : { signal: interrupts.signal, json }
  return await withQueue({ ...cli, untilInterrupted }, async parts => {
    using progress = await openProgress({ terminal, clock: cli.clock, json })
    const { work } = await import('../../app/work.ts')
    const { workers: concurrency = 1, stopWhenEmpty = false } = options
    const onEvent = workPrinter(terminal, { json, progress })
    await work(parts, { concurrency, stopWhenEmpty, onEvent }, interrupts.signal)
    return 0
  })
}
