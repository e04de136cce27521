import type { WorkEvent } from '../app/work.ts'
import { jobFailedJson, jobFailedLines, outageJson, outageLines } from './queue-lines.ts'
import { type ProgressView, syncPrinter } from './sync-lines.ts'
import type { Terminal } from './terminal.ts'

/** Prints what happens to jobs, and in their syncs. */
export function workPrinter(
  terminal: Terminal,
  options: { json: boolean; progress: ProgressView },
): (event: WorkEvent) => void {
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
