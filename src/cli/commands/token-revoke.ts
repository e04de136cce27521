import type { Command } from 'commander'
import { parseId, usageError } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { COMMAND_LINE } from '../role.ts'
import { printable } from '../terminal.ts'

export function tokenRevoke(cli: Cli): Command {
  return defineCommand('token:revoke', {
    summary: 'end a token for the HTTP API; it opens nothing from then on',
    examples: ['token:revoke 3'],
  })
    .argument('<id>', 'its id, as token:list shows it', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => revoke(cli, id, options)))
}

async function revoke(cli: Cli, id: number, options: CommonOptions): Promise<ExitStatus> {
  const { terminal } = cli
  const { revokeToken } = await import('../../app/accounts.ts')
  return await withRollcall(cli, async ({ store, base }) => {
    const token = (await store.tokens.list()).find(one => one.id === id)
    if (!token) throw usageError(`There is no token ${id}; token:list shows them.`)
    await revokeToken(store, COMMAND_LINE, id)
    base.log.info(`Token ${id} revoked`)
    if (options.json) terminal.json({ id, name: token.name, revoked: true })
    else terminal.note(`Revoked the token ${id}, ${printable(token.name)}.`)
    return 0
  })
}
