import type { Command } from 'commander'
import type { Role } from '../../model/accounts.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { COMMAND_LINE, parseRole, ROLE_HELP } from '../role.ts'

interface Options extends CommonOptions {
  email: string
  role: Role
}

export function accountCreate(cli: Cli): Command {
  return defineCommand('account:create', {
    summary: 'make an account for the web pages and print its password, once',
    details: 'The password is made here and kept nowhere. Whoever signs in with it should change it.',
    examples: ['account:create --email ada@example.org --role admin', 'account:create --email hr@example.org'],
  })
    .requiredOption('--email <email>', 'the address that it signs in with')
    .option('--role <role>', ROLE_HELP, parseRole, 'viewer')
    .action(cli.action((options: Options) => createAccount(cli, options)))
}

async function createAccount(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const { checkedEmail, makeAccount } = await import('../../app/accounts.ts')
  const wanted = { email: checkedEmail(options.email), role: options.role }
  return await withRollcall(cli, async ({ store, base }) => {
    const { account, generatedPassword: password } = await makeAccount(store, COMMAND_LINE, wanted)
    const { id, email, role } = account
    base.log.info(`Account ${id} made with the role ${role}`)
    terminal.note(`Made the account ${id} of ${email} with the role ${role}. This is its password, shown once:`)
    if (options.json) terminal.json({ id, email, role, password })
    else terminal.print(password ?? '')
    return 0
  })
}
