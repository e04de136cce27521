import type { Command } from 'commander'
import type { CopyResult, OpenedCopy, TableProof } from '../../app/copy.ts'
import { systemRandom } from '../../base/random.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { confirm, requireAnswer } from '../confirm.ts'
import { openCopyProgress } from '../copy-progress.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { configOf, withLog } from '../open.ts'
import { tableLines } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends CommonOptions {
  from: string
  to: string
  yes?: true
}

export function dbCopy(cli: Cli): Command {
  return defineCommand('db:copy', {
    summary: 'copy a whole installation into another database, and prove that it is the same',
    details:
      'Stop every process of the installation first. Killed or stopped, run it again: it goes on where it was, and until it has ended no other command works on the target. At the end each table is counted and compared by a checksum on both sides. The source stays as it is. Comm keys stay sealed: keep the storage folder with its secret.key, and set DATABASE_URL to the new database. docs/operations.md has the steps.',
    examples: [
      'db:copy --from sqlite:storage/rollcall.db --to postgres://rollcall:PASSWORD@db.example/hr',
      'db:copy --from mysql://rollcall:PASSWORD@db.example/hr --to sqlite:rollcall.db --yes',
    ],
  })
    .requiredOption('--from <url>', 'the database that is copied, in the form of DATABASE_URL')
    .requiredOption('--to <url>', 'an empty database, or the target of the same copy that was not finished')
    .option('--yes', 'do not ask')
    .action(cli.action((options: Options) => copy(cli, options)))
}

async function copy(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal, clock, workingDirectory } = cli
  requireAnswer('db:copy', options)
  const { readCopyRequest, openCopy } = await import('../../app/copy.ts')
  const request = readCopyRequest(options, workingDirectory)
  using interrupts = listenForInterrupts(cli)
  const { signal } = interrupts
  return await withLog(cli, configOf(cli), async log => {
    await using opened = await openCopy(request, { clock, random: systemRandom, log })
    const isWanted = options.yes || (await confirm(questionOf(opened), signal))
    if (signal.aborted || !isWanted) {
      terminal.note('Nothing was copied.')
      return 1
    }
    if (opened.goesOnSince) terminal.note(`Going on with the copy that was begun at ${opened.goesOnSince}.`)
    const result = await run(cli, options, opened, signal)
    if (result === null) {
      // Not a success, since a script that goes on must not take what is there for the whole.
      terminal.note('Stopped before everything was copied; run the same command again to go on.')
      return 1
    }
    if (options.json) printJson(terminal, opened, result)
    else printResult(terminal, opened, result)
    return result.isEqual ? 0 : 1
  })
}

/** Null where the signal ended it. */
async function run(cli: Cli, options: Options, opened: OpenedCopy, signal: AbortSignal): Promise<CopyResult | null> {
  using progress = await openCopyProgress({ ...cli, json: options.json === true })
  try {
    return await opened.run(told => progress.show(told), signal)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null
    cli.terminal.note('The copy is not finished; run the same command again to go on where it was.')
    throw error
  }
}

function questionOf({ from, to, rows, goesOnSince }: OpenedCopy): string {
  const what = goesOnSince ? 'Go on with copying' : 'Copy'
  return `${what} ${rows} row(s) of ${from} to ${to}? Every process of this installation must be stopped.`
}

function printJson(terminal: Terminal, { from, to, goesOnSince }: OpenedCopy, { tables, isEqual }: CopyResult): void {
  for (const proof of tables) {
    terminal.json({
      event: 'table.copied',
      table: proof.table,
      rows: proof.to.rows,
      checksum: proof.to.checksum,
      source_rows: proof.from.rows,
      source_checksum: proof.from.checksum,
      equal: proof.isEqual,
    })
  }
  const rows = tables.reduce((sum, proof) => sum + proof.to.rows, 0)
  terminal.json({ event: 'copy.finished', from, to, rows, equal: isEqual, resumed: goesOnSince !== null })
}

function printResult(terminal: Terminal, { from, to }: OpenedCopy, { tables, isEqual }: CopyResult): void {
  const lines = tableLines(['TABLE', 'ROWS', 'CHECKSUM', 'BOTH SIDES'], tables.flatMap(linesOf), terminal)
  for (const line of lines) terminal.print(line)
  if (isEqual) {
    terminal.print(`Copied ${from} to ${to}: every table is equal.`)
    terminal.note('Now set DATABASE_URL to the new database, keep the storage folder, and start Rollcall again.')
    return
  }
  const different = tables.filter(proof => !proof.isEqual).map(proof => proof.table)
  terminal.print(`The copy of ${from} in ${to} differs in ${different.join(', ')}, and stays unfinished.`)
  terminal.note('Stop every process that writes to either side, then run the same command again.')
}

function linesOf({ table, from, to, isEqual }: TableProof): string[][] {
  if (isEqual) return [[table, String(to.rows), to.checksum, 'equal']]
  return [
    [table, String(from.rows), from.checksum, 'DIFFERENT: the source'],
    ['', String(to.rows), to.checksum, 'and the target'],
  ]
}
