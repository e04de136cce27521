import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { shownDatabase } from '../../app/database.ts'
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
  const { database } = configOf(cli)
  const isNew = database.engine === 'sqlite' && !existsSync(database.path)
  const shown = shownDatabase(database)
  return await withRollcall(cli, async ({ store }) => {
    await store.ping()
    if (options.json) cli.terminal.json({ database: shown, created: isNew, schema: 'current' })
    else cli.terminal.print(`The database ${shown} ${isNew ? 'was created and ' : ''}has the current schema.`)
    return 0
  })
}
