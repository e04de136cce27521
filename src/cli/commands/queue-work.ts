import type { Command } from 'commander'
import type { WorkEvent } from '../../app/work.ts'
import { parseCount } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { openProgress } from '../progress.ts'
import { jobFailedJson, jobFailedLines, outageJson, outageLines } from '../queue-lines.ts'
import { type ProgressView, syncPrinter } from '../sync-lines.ts'
import { withQueue } from '../with-queue.ts'

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
    const onEvent = printer(cli, { json, progress })
    await work(parts, { concurrency, stopWhenEmpty, onEvent }, interrupts.signal)
    return 0
  })
}

function printer({ terminal }: Cli, options: { json: boolean; progress: ProgressView }): (event: WorkEvent) => void {
  const printSync = syncPrinter(terminal, options)
  const print = (json: object, lines: readonly string[]) => {
    if (options.json) return terminal.json(json)
    options.progress.around(() => {
      for (const line of lines) terminal.print(line)
    })
  }
  return event => {
    if (event.event === 'job.failed') print(jobFailedJson(event), jobFailedLines(event, terminal))
    else if (event.event === 'queue.unavailable' || event.event === 'queue.available')
      print(outageJson(event), outageLines(event, terminal))
    else printSync(event)
  }
}
