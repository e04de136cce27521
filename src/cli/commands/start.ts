import type { Command } from 'commander'
import type { SyncEvent } from '../../app/rollcall.ts'
import type { BesideEvent } from '../../app/work.ts'
import { sayIfNoneActive } from '../active-devices.ts'
import { parseInterval } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { openProgress } from '../progress.ts'
import { openInterface, tellListening } from '../web-interface.ts'
import { withQueue } from '../with-queue.ts'
import { workPrinter } from '../work-lines.ts'

const INTERVAL_MS = 30_000
/** As for `serve`; devices are said goodbye to meanwhile. */
const PATIENCE_MS = 4_800

interface Options extends CommonOptions {
  interval?: number
}

export function start(cli: Cli): Command {
  return defineCommand('start', {
    summary: 'everything in one process: the web interface, the API, and polling of all active devices',
    details:
      'Runs until Ctrl+C. Devices that are added meanwhile are polled as well, and jobs that wait in the queue are run. ROLLCALL_HOST and ROLLCALL_PORT say where it listens.',
    examples: ['start', 'start --interval 60', 'start --json'],
  })
    .option('--interval <seconds>', 'pause between two reads of a device (default: 30)', parseInterval('--interval'))
    .action(cli.action((options: Options) => startAll(cli, options)))
}

async function startAll(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const json = options.json === true
  using interrupts = listenForInterrupts(cli, { patienceMs: PATIENCE_MS })
  const { signal } = interrupts
  return await withQueue({ ...cli, untilInterrupted: { signal, json } }, async ({ rollcall, queue }) => {
    await using web = await openInterface(cli, { rollcall, queue }, signal)
    if (web === null) return 0
    // Closed by the signal itself, and not only once the devices are done: both have the same five seconds.
    signal.addEventListener('abort', () => void web[Symbol.asyncDispose](), { once: true })
    await tellListening(terminal, web, { json })
    await sayIfNoneActive(terminal, rollcall.store, {})
    using progress = await openProgress({ terminal, clock: cli.clock, json })
    const print = workPrinter(terminal, { json, progress })
    const onSync = (event: SyncEvent) => {
      web.tell(event)
      print(event)
    }
    const { isJobEvent, workBeside } = await import('../../app/work.ts')
    const onJob = (event: BesideEvent) => (isJobEvent(event) ? print(event) : onSync(event))
    await Promise.all([
      rollcall.engine({ onEvent: onSync }).run({ intervalMs: options.interval ?? INTERVAL_MS }, signal),
      workBeside({ rollcall, queue }, onJob, signal),
    ])
    return 0
  })
}
