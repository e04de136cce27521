import { Command, Help } from 'commander'
import { readVersion } from '../app/version.ts'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Cli, ExitStatus } from './command.ts'
import { accountCreate } from './commands/account-create.ts'
import { accountList } from './commands/account-list.ts'
import { attendanceCount } from './commands/attendance-count.ts'
import { attendanceExport } from './commands/attendance-export.ts'
import { attendanceList } from './commands/attendance-list.ts'
import { attendanceLiveSync } from './commands/attendance-live-sync.ts'
import { attendancePrune } from './commands/attendance-prune.ts'
import { attendanceSync } from './commands/attendance-sync.ts'
import { dbCopy } from './commands/db-copy.ts'
import { demo } from './commands/demo.ts'
import { deviceAdd } from './commands/device-add.ts'
import { deviceCoverage } from './commands/device-coverage.ts'
import { deviceEdit } from './commands/device-edit.ts'
import { deviceDisable, deviceEnable } from './commands/device-enable.ts'
import { deviceList } from './commands/device-list.ts'
import { deviceRemove } from './commands/device-remove.ts'
import { deviceSetClock } from './commands/device-set-clock.ts'
import { deviceShow } from './commands/device-show.ts'
import { deviceSimulate } from './commands/device-simulate.ts'
import { deviceTest } from './commands/device-test.ts'
import { migrate } from './commands/migrate.ts'
import { queueFailed } from './commands/queue-failed.ts'
import { queueFlush } from './commands/queue-flush.ts'
import { queueRetry } from './commands/queue-retry.ts'
import { queueStatus } from './commands/queue-status.ts'
import { queueWork } from './commands/queue-work.ts'
import { serve } from './commands/serve.ts'
import { start } from './commands/start.ts'
import { tinker } from './commands/tinker.ts'
import { tokenCreate } from './commands/token-create.ts'
import { tokenList } from './commands/token-list.ts'
import { tokenRevoke } from './commands/token-revoke.ts'
import { traceShow } from './commands/trace-show.ts'
import { failureFrom } from './exit.ts'
import { openTerminal, outputFault, type Terminal } from './terminal.ts'

/** The process `rollcall`: runs one command and ends with its exit status. */
export async function main(): Promise<void> {
  const terminal = openTerminal()
  let status: ExitStatus = 0
  let log: Log | null = null
  const cli: Cli = {
    terminal,
    clock: systemClock,
    environment: process.env,
    workingDirectory: process.cwd(),
    useLog: opened => {
      log = opened
    },
    action:
      work =>
      async (...args) => {
        status = await work(...args)
      },
  }
  try {
    const program = buildProgram(cli)
    // Whoever types nothing but the name wants to know what there is.
    if (process.argv.length <= 2) program.outputHelp()
    else await program.parseAsync(process.argv)
  } catch (error) {
    // With nobody reading there is nobody to tell, and what was wanted was read.
    const failure = terminal.closed.aborted ? { status: 0 as const, lines: [] } : failureFrom(error)
    if (failure.defect) tellDefect(failure.defect, { log, terminal })
    for (const line of failure.lines) terminal.note(terminal.styleNote('red', line))
    status = failure.status
  }
  await terminal.write('')
  const fault = outputFault(terminal)
  if (fault !== null) {
    terminal.note(terminal.styleNote('red', fault))
    status = 1
  }
  process.exit(status)
}

/** Into the log where there is one yet. */
function tellDefect(defect: string, to: { log: Log | null; terminal: Terminal }): void {
  if (to.log) to.log.error(defect)
  else to.terminal.note(defect)
}

/** Every command, in the groups of the help. */
export function buildProgram(cli: Cli): Command {
  const program = new Command('rollcall')
    .description('Syncs attendance logs from biometric devices into a database: every punch, exactly once.')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .usage('COMMAND [options]')
    .configureHelp({
      optionDescription: option => {
        const description = new Help().optionDescription(option)
        return option.mandatory ? `${description} (required)` : description
      },
      // Every command has options; to say so on each line helps nobody.
      subcommandTerm: command =>
        [command.name(), ...command.registeredArguments.map(argument => argument.name().toUpperCase())].join(' '),
    })
    .exitOverride()
    .configureOutput({
      writeOut: text => cli.terminal.print(text.trimEnd()),
      // Errors are thrown as well, and told in one place.
      writeErr: () => {},
      outputError: () => {},
    })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nrollcall COMMAND --help shows the options of a command, with examples.\nFirst time here? Try: rollcall demo',
    )
  program.commandsGroup('See it work:')
  for (const command of [demo(cli), deviceSimulate(cli)]) add(program, command)
  program.commandsGroup('Run it:')
  for (const command of [start(cli), serve(cli)]) add(program, command)
  program.commandsGroup('Devices:')
  for (const command of [
    deviceAdd(cli),
    deviceList(cli),
    deviceShow(cli),
    deviceCoverage(cli),
    deviceSetClock(cli),
    deviceTest(cli),
    traceShow(cli),
    deviceEdit(cli),
    deviceEnable(cli),
    deviceDisable(cli),
    deviceRemove(cli),
  ])
    add(program, command)
  program.commandsGroup('Attendance:')
  for (const command of [
    attendanceSync(cli),
    attendanceList(cli),
    attendanceCount(cli),
    attendanceExport(cli),
    attendancePrune(cli),
  ])
    add(program, command)
  program.commandsGroup('Queue:')
  for (const command of [
    attendanceLiveSync(cli),
    queueWork(cli),
    queueStatus(cli),
    queueFailed(cli),
    queueRetry(cli),
    queueFlush(cli),
  ])
    add(program, command)
  program.commandsGroup('People and programs:')
  for (const command of [accountCreate(cli), accountList(cli), tokenCreate(cli), tokenList(cli), tokenRevoke(cli)])
    add(program, command)
  program.commandsGroup('Database:')
  for (const command of [migrate(cli), dbCopy(cli), tinker(cli)]) add(program, command)
  return program
}

/** Gives a command what all have in common, after the options of its own. */
function add(program: Command, command: Command): void {
  command
    .copyInheritedSettings(program)
    .option('--json', 'print one JSON object a line on stdout, and nothing else there')
    .helpOption('-h, --help', 'show this help')
  program.addCommand(command)
}
