import type { Command } from 'commander'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { listenForInterrupts } from '../interrupt.ts'
import { openInterface, tellListening, untilAborted } from '../web-interface.ts'
import { withQueue } from '../with-queue.ts'

/** The server gives requests in hand three seconds, and then the database is closed. */
const PATIENCE_MS = 4_800

export function serve(cli: Cli): Command {
  return defineCommand('serve', {
    summary: 'the web interface and the API, until Ctrl+C',
    details:
      'Polls nothing by itself: attendance:sync does, or attendance:live-sync with queue:work, on this machine or another one with the same database. ROLLCALL_HOST and ROLLCALL_PORT say where it listens.',
    examples: ['serve', 'serve --json'],
  }).action(cli.action((options: CommonOptions) => serveWeb(cli, options)))
}

async function serveWeb(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const json = options.json === true
  using interrupts = listenForInterrupts(cli, { patienceMs: PATIENCE_MS })
  const { signal } = interrupts
  return await withQueue({ ...cli, untilInterrupted: { signal, json } }, async opened => {
    await using web = await openInterface(cli, opened, signal)
    if (web === null) return 0
    await tellListening(cli.terminal, web, { json })
    await untilAborted(signal)
    return 0
  })
}
