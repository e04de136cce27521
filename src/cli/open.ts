import { type Config, readConfig, readEnvironment } from '../app/config.ts'
import type { Rollcall } from '../app/rollcall.ts'
import type { Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import type { Cli, ExitStatus } from './command.ts'

/** The configuration of this installation. */
export function configOf(cli: Cli): Config {
  const { environment, workingDirectory } = cli
  return readConfig({ environment: readEnvironment({ environment, workingDirectory }), workingDirectory })
}

/** Opens this installation for the time of `work`. The heavy modules are loaded here, so that help stays quick. */
export async function withRollcall(cli: Cli, work: (rollcall: Rollcall) => Promise<ExitStatus>): Promise<ExitStatus> {
  const config = configOf(cli)
  return await withLog(cli, config, async log => {
    const { openRollcall } = await import('../app/rollcall.ts')
    await using rollcall = await openRollcall(config, { clock: cli.clock, random: systemRandom, log })
    return await work(rollcall)
  })
}

/** Opens the log file alone. */
export async function withLog<Result>(cli: Cli, config: Config, work: (log: Log) => Promise<Result>): Promise<Result> {
  const { openLog } = await import('../app/logging.ts')
  const { directory } = config.log
  const onFault = (error: Error) =>
    cli.terminal.note(`The log file in ${directory} cannot be written: ${error.message}`)
  using log = openLog(config.log, { clock: cli.clock, onFault })
  cli.useLog(log)
  return await work(log)
}
