import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { momentText } from '../moments.ts'
import { withRollcall } from '../open.ts'
import { tableLines } from '../table.ts'

export function accountList(cli: Cli): Command {
  return defineCommand('account:list', {
    summary: 'list who may sign in',
    examples: ['account:list', 'account:list --json'],
  }).action(cli.action((options: CommonOptions) => listAccounts(cli, options)))
}

async function listAccounts(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { terminal } = cli
  return await withRollcall(cli, async ({ store }) => {
    const accounts = await store.accounts.list()
    if (options.json) {
      for (const { id, email, role, isDisabled, createdAt } of accounts)
        terminal.json({ id, email, role, is_disabled: isDisabled, created_at: createdAt.toISOString() })
    } else if (accounts.length === 0) {
      terminal.note('There are no accounts yet. Make one: rollcall account:create --help')
    } else {
      const rows = accounts.map(({ id, email, role, isDisabled, createdAt }) => [
        String(id),
        email,
        role,
        isDisabled ? 'disabled' : 'active',
        momentText(createdAt),
      ])
      for (const line of tableLines(['ID', 'E-MAIL', 'ROLE', 'STATUS', 'MADE'], rows, terminal)) terminal.print(line)
    }
    return 0
  })
}
