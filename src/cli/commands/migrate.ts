import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { configOf, withRollcall } from '../open.ts'

export function migrate(cli: Cli): Command {
  return defineCommand('migrate', {
    summary: 'bring the database to the current schema',
    details: 'Every other command does so by itself; this one is for those who want to see it done.',
    examples: ['migrate'],
  }).action(cli.action((options: CommonOptions) => migrateDatabase(cli, options)))
}

async function migrateDatabase(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { path } = configOf(cli).database
  const isNew = !existsSync(path)
  return await withRollcall(cli, async ({ store }) => {
    await store.ping()
    if (options.json) cli.terminal.json({ database: `sqlite:${path}`, created: isNew, schema: 'current' })
    else cli.terminal.print(`The database ${path} ${isNew ? 'was created and ' : ''}has the current schema.`)
    return 0
  })
}
