import { Console } from 'node:console'
import { once } from 'node:events'
import { join } from 'node:path'
import { type REPLServer, Recoverable, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { inspect, promisify, types } from 'node:util'
import type { Command } from 'commander'
import type { ConsoleScope } from '../../app/console.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import type { Terminal } from '../terminal.ts'

/** Deep enough for a row with its fields. */
const INSPECT_DEPTH = 4

export function tinker(cli: Cli): Command {
  return defineCommand('tinker', {
    summary: 'a JavaScript prompt with db, sql, devices, attendanceLogs and queue in scope',
    details:
      'await works at top level. db only reads; devices can change settings and never shows a comm key. A script on stdin is run as a whole, and the value of its last statement is printed.',
    examples: [
      'tinker',
      'tinker <<< "attendanceLogs.count()"',
      `tinker --json <<< "db.selectFrom('devices').select(['id', 'name']).execute()"`,
    ],
  }).action(cli.action((options: CommonOptions) => tinkerWith(cli, options)))
}

async function tinkerWith(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  return await withRollcall(cli, async rollcall => {
    const { openConsole } = await import('../../app/console.ts')
    await using console = await openConsole(rollcall)
    const isPrompt = process.stdin.isTTY === true && process.stdout.isTTY === true
    if (!isPrompt) return await runScript(cli.terminal, console.scope, options)
    const history = join(rollcall.config.storageDir, 'tinker_history')
    await prompt(cli.terminal, console.scope, { history, ...options })
    return 0
  })
}

async function prompt(
  terminal: Terminal,
  scope: ConsoleScope,
  options: CommonOptions & { history: string },
): Promise<void> {
  terminal.note(`In scope: ${Object.keys(scope).join(', ')}. Try: await attendanceLogs.latest(5)`)
  const repl = start({
    prompt: 'rollcall> ',
    ignoreUndefined: true,
    useColors: terminal.hasColors,
    writer: value =>
      options.json
        ? jsonLinesOf(value).join('\n')
        : inspect(value, { colors: terminal.hasColors, depth: INSPECT_DEPTH }),
  })
  const ended = once(repl, 'exit')
  Object.assign(repl.context, scope, options.json ? { console: consoleOnStderr() } : {})
  await keepHistory(repl, options.history)
  await ended
}

function keepHistory(repl: REPLServer, filePath: string): Promise<unknown> {
  // What is changed here is what the file gets; the newest line comes first.
  repl.on('history', (lines: string[]) => {
    for (let index = lines.length - 1; index >= 0; index--) {
      if (/commKey/i.test(lines[index] ?? '')) lines.splice(index, 1)
    }
  })
  return promisify(repl.setupHistory.bind(repl) as (path: string, done: (error: Error | null) => void) => void)(
    filePath,
  )
}

/** The prompt would begin a line before the one above has ended; a script is one piece. */
async function runScript(terminal: Terminal, scope: ConsoleScope, options: CommonOptions): Promise<ExitStatus> {
  let script = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) script += chunk
  if (script.trim() === '') return 0
  try {
    const value = await evaluate(script, { ...scope, console: options.json ? consoleOnStderr() : console })
    if (options.json) for (const line of jsonLinesOf(value)) terminal.print(line)
    else if (value !== undefined) terminal.print(inspect(value, { colors: terminal.hasColors, depth: INSPECT_DEPTH }))
    return 0
  } catch (error) {
    terminal.note(types.isNativeError(error) ? `${error.name}: ${error.message}` : inspect(error))
    return 1
  }
}

/** A prompt without input or output lends its way of evaluating, which knows await at top level. */
function evaluate(script: string, scope: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const handleError = (error: unknown) => {
      reject(error)
      return 'ignore' as const
    }
    const repl = start({
      prompt: '',
      input: new PassThrough(),
      output: new PassThrough(),
      terminal: false,
      handleError,
    })
    Object.assign(repl.context, scope)
    repl.eval(script, repl.context, 'stdin', (error, value) => {
      // A prompt would wait for the rest of what is not whole; a script has none.
      if (error) reject(error instanceof Recoverable ? error.err : error)
      else resolve(value)
    })
  })
}

/** With --json nothing but objects goes to stdout, whatever a script logs besides. */
function consoleOnStderr(): Console {
  return new Console(process.stderr)
}

/** One line for each element of an array, since that is what rows come in; else one line. */
function jsonLinesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(jsonOf) : [jsonOf(value)]
}

/** Bytes as hex, as they stand in every other output. A Buffer would turn itself into a list of numbers before it is seen. */
function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, part: unknown) {
    const bytes = this[key]
    return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : part
  })
  return text ?? 'null'
}
