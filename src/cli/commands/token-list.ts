import type { Command } from 'commander'
import { agoText } from '../../app/span-words.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { tableLines } from '../table.ts'

export function tokenList(cli: Cli): Command {
  return defineCommand('token:list', {
    summary: 'list the tokens for the HTTP API, without the tokens themselves',
    examples: ['token:list', 'token:list --json'],
  }).action(cli.action((options: CommonOptions) => listTokens(cli, options)))
}

async function listTokens(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const tokens = await store.tokens.list()
    if (options.json) {
      for (const { id, name, role, prefix, createdAt, lastUsedAt, revokedAt } of tokens)
        terminal.json({
          id,
          name,
          role,
          prefix,
          created_at: createdAt.toISOString(),
          last_used_at: lastUsedAt?.toISOString() ?? null,
          revoked_at: revokedAt?.toISOString() ?? null,
        })
    } else if (tokens.length === 0) {
      terminal.note('There are no tokens yet. Make one: rollcall token:create --help')
    } else {
      const rows = tokens.map(({ id, name, role, prefix, lastUsedAt, revokedAt }) => [
        String(id),
        name,
        role,
        `${prefix}...`,
        revokedAt ? 'revoked' : 'good',
        agoText(lastUsedAt, clock.now()),
      ])
      const headings = ['ID', 'NAME', 'ROLE', 'TOKEN', 'STATUS', 'LAST USED']
      for (const line of tableLines(headings, rows, terminal)) terminal.print(line)
    }
    return 0
  })
}
