import { once } from 'node:events'
import { join } from 'node:path'
import { type REPLServer, start } from 'node:repl'
import { inspect, promisify } from 'node:util'
import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'

export function tinker(cli: Cli): Command {
  return defineCommand('tinker', {
    summary: 'a JavaScript prompt with db, sql, devices and attendanceLogs in scope',
    details: 'await works at top level. db reads alone; devices can change settings. Also takes a script on stdin.',
    examples: [
      'tinker',
      'tinker <<< "await attendanceLogs.count()"',
      `tinker <<< "await db.selectFrom('devices').select(['id', 'name']).execute()"`,
    ],
  }).action(cli.action((options: CommonOptions) => tinkerWith(cli, options)))
}

async function tinkerWith(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { terminal } = cli
  return withRollcall(cli, async rollcall => {
    const { openConsole } = await import('../../app/console.ts')
    await using console = openConsole(rollcall)
    const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
    if (isTerminal) terminal.note('In scope: db, sql, devices, attendanceLogs. Try: await attendanceLogs.latest(5)')
    const repl = start({
      prompt: isTerminal ? 'rollcall> ' : '',
      terminal: isTerminal,
      ignoreUndefined: true,
      // One result is one line of JSON, or the form that Node's own prompt has.
      writer: value =>
        options.json ? (JSON.stringify(value) ?? 'null') : inspect(value, { colors: isTerminal, depth: 4 }),
    })
    Object.assign(repl.context, console.scope)
    if (isTerminal) await keepHistory(repl, join(rollcall.config.storageDir, 'tinker_history'))
    await once(repl, 'exit')
    return 0
  })
}

function keepHistory(repl: REPLServer, filePath: string): Promise<unknown> {
  return promisify(repl.setupHistory.bind(repl) as (path: string, done: (error: Error | null) => void) => void)(
    filePath,
  )
}
