import type { Command } from 'commander'
import { type AttendanceView, AttendanceViewer } from '../../app/attendance-view.ts'
import { parseCount } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../log-filter.ts'
import { withRollcall } from '../open.ts'
import { tableLines } from '../table.ts'

const LIMIT = 50
/** More belongs into a file: attendance:export. */
const LIMIT_MAX = 10_000

interface Options extends CommonOptions, FilterOptions {
  limit: number
}

export function attendanceList(cli: Cli): Command {
  return addFilterOptions(
    defineCommand('attendance:list', {
      summary: 'list attendance logs, newest first',
      details: 'Times without a zone are in the zone of this machine; TIME in the list is as the device said it.',
      examples: [
        'attendance:list --since 2h',
        'attendance:list --device-id 1 --user 0042 --since 2026-11-01 --until 2026-11-30',
      ],
    }),
  )
    .option('--limit <count>', 'at most this many', parseCount('--limit', { min: 1, max: LIMIT_MAX }), LIMIT)
    .action(cli.action((options: Options) => listAttendance(cli, options)))
}

async function listAttendance(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  return await withRollcall(cli, async ({ store }) => {
    const filter = await readFilter(options, { store, nowMs: cli.clock.now() })
    // One more than shown tells whether there is more.
    const logs = await store.logs.page(filter, { limit: options.limit + 1 })
    const viewer = new AttendanceViewer(store)
    const views = await Promise.all(logs.slice(0, options.limit).map(log => viewer.view(log)))
    if (options.json) for (const view of views) terminal.json(view)
    else if (views.length === 0) terminal.note('No attendance logs match.')
    else {
      const headings = ['TIME', 'DEVICE', 'USER', 'NAME', 'STATE', 'BY']
      for (const line of tableLines(headings, views.map(row), terminal)) terminal.print(line)
    }
    if (logs.length > options.limit) {
      terminal.note(`These are the newest ${options.limit}; there are more. Use --limit, or attendance:export for all.`)
    }
    return 0
  })
}

function row(view: AttendanceView): string[] {
  return [
    view.local_time,
    view.device ?? `device ${view.device_id}`,
    view.device_user_id,
    view.name ?? '',
    view.punch_state_word,
    view.verify_mode_word,
  ]
}
