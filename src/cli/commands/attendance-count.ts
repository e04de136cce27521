import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../log-filter.ts'
import { withRollcall } from '../open.ts'

type Options = CommonOptions & FilterOptions

export function attendanceCount(cli: Cli): Command {
  return addFilterOptions(
    defineCommand('attendance:count', {
      summary: 'count attendance logs',
      examples: ['attendance:count', 'attendance:count --device-id 1 --since 7d'],
    }),
  ).action(cli.action((options: Options) => countAttendance(cli, options)))
}

async function countAttendance(cli: Cli, options: Options): Promise<ExitStatus> {
  return await withRollcall(cli, async ({ store }) => {
    const count = await store.logs.count(await readFilter(options, { store, nowMs: cli.clock.now() }))
    if (options.json) cli.terminal.json({ count })
    else cli.terminal.print(String(count))
    return 0
  })
}
