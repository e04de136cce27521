import type { Command } from 'commander'
import type { Role } from '../../model/accounts.ts'
import { parseName } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { COMMAND_LINE, parseRole, ROLE_HELP } from '../role.ts'
import { printable } from '../terminal.ts'

interface Options extends CommonOptions {
  name: string
  role: Role
}

export function tokenCreate(cli: Cli): Command {
  return defineCommand('token:create', {
    summary: 'make a token for the HTTP API and print it, once',
    details: 'A program sends it as "Authorization: Bearer TOKEN". It is kept nowhere; token:revoke ends it.',
    examples: ['token:create --name payroll', 'token:create --name provisioning --role admin'],
  })
    .requiredOption('--name <name>', 'what it is for', parseName)
    .option('--role <role>', ROLE_HELP, parseRole, 'viewer')
    .action(cli.action((options: Options) => createToken(cli, options)))
}

async function createToken(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const { makeToken } = await import('../../app/accounts.ts')
  return await withRollcall(cli, async ({ store, base }) => {
    const { token, secret } = await makeToken(store, COMMAND_LINE, options)
    const { id, name, role, prefix } = token
    base.log.info(`Token ${id} made with the role ${role}`)
    terminal.note(`Made the token ${id}, ${printable(name)}, with the role ${role}. It is shown once:`)
    if (options.json) terminal.json({ id, name, role, prefix, token: secret })
    else terminal.print(secret)
    return 0
  })
}
