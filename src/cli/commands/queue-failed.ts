import type { Command } from 'commander'
import { agoText } from '../../app/span-words.ts'
import type { JobQueue, SyncJob } from '../../model/job-queue.ts'
import type { Store } from '../../model/store.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { jobJson } from '../queue-lines.ts'
import { tableLines } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { withQueue } from '../with-queue.ts'

const PAGE = 500
/** What is left of a sentence on a narrow terminal. */
const ERROR_COLUMNS_MIN = 20

export function queueFailed(cli: Cli): Command {
  return defineCommand('queue:failed', {
    summary: 'list the jobs that failed, the newest first',
    details: 'A device has one failed job at most, its newest. With --json each has the stack of its error, too.',
    examples: ['queue:failed', 'queue:failed --json'],
  }).action(cli.action((options: CommonOptions) => listFailed(cli, options)))
}

async function listFailed(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withQueue(cli, async ({ rollcall, queue }) => {
    const names = await deviceNames(rollcall.store)
    const nameOf = (job: SyncJob) => names.get(job.deviceId) ?? null
    const rows: string[][] = []
    for await (const job of failedJobs(queue)) {
      if (options.json) terminal.json(jobJson(job, nameOf(job)))
      else {
        const when = agoText(job.failedAt, clock.now())
        rows.push([job.id, nameOf(job) ?? `device ${job.deviceId}, removed`, errorText(job), String(job.tries), when])
      }
    }
    if (options.json) return 0
    if (rows.length === 0) terminal.note('No job has failed.')
    else for (const line of failedTable(rows, terminal)) terminal.print(line)
    return 0
  })
}

async function* failedJobs(queue: JobQueue): AsyncGenerator<SyncJob> {
  for (let after: string | undefined; ; ) {
    const page = await queue.list('failed', { limit: PAGE, ...(after === undefined ? {} : { after }) })
    yield* page
    after = page.at(-1)?.id
    if (page.length < PAGE) return
  }
}

async function deviceNames(store: Store): Promise<ReadonlyMap<number, string>> {
  return new Map((await store.devices.list()).map(device => [device.id, device.name]))
}

function errorText({ error }: SyncJob): string {
  return error ? `${error.code}: ${error.message}` : ''
}

/** The error gets the columns that the others leave. */
function failedTable(rows: readonly string[][], terminal: Pick<Terminal, 'columns'>): string[] {
  const headings = ['ID', 'DEVICE', 'ERROR', 'TRIES', 'WHEN']
  const withoutError = rows.map(row => row.with(2, ''))
  const taken = Math.max(...tableLines(headings.with(2, ''), withoutError, terminal).map(line => line.length))
  const left = Math.max(ERROR_COLUMNS_MIN, terminal.columns - taken)
  const fitted = rows.map(row => row.with(2, shortened(row[2] ?? '', left)))
  return tableLines(headings, fitted, terminal)
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
