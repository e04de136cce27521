import type { Command } from 'commander'
import type { CompleteStretch, Coverage, GapStretch } from '../../app/coverage.ts'
import { spanText } from '../../app/span-words.ts'
import type { Device } from '../../model/device.ts'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { sentence } from '../sentence.ts'
import { tableLines } from '../table.ts'
import { printable, type Terminal } from '../terminal.ts'

export function deviceCoverage(cli: Cli): Command {
  return defineCommand('device:coverage', {
    summary: 'show for which time the log of a device is proven complete, and the gaps with their reason',
    details:
      'Times are those of the clock of the device. docs/coverage.md explains what a proof is and what to do about a gap.',
    examples: ['device:coverage 1', 'device:coverage 1 --json'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => showCoverage(cli, id, options)))
}

interface Shown {
  readonly device: Device
  readonly coverage: Coverage
  readonly nowMs: number
  readonly localTimeAt: (ms: number) => string
  readonly stretchMs: (stretch: CompleteStretch | GapStretch, nowMs: number) => number
}

async function showCoverage(cli: Cli, id: number, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const { localTimeIn, readCoverage, stretchMs } = await import('../../app/coverage.ts')
    const nowMs = clock.now()
    const { device, coverage } = await readCoverage(store, id, nowMs)
    const shown: Shown = { device, coverage, nowMs, localTimeAt: localTimeIn(device.timezone), stretchMs }
    if (options.json) printJson(terminal, shown)
    else printShown(terminal, shown)
    return 0
  })
}

function printShown(terminal: Terminal, shown: Shown): void {
  const { device, coverage, nowMs, localTimeAt, stretchMs } = shown
  const { stretches } = coverage
  if (stretches.length > 0) {
    const rows = stretches.map(stretch => [
      localTimeAt(stretch.from.getTime()),
      stretch.until ? localTimeAt(stretch.until.getTime()) : 'now',
      spanText(stretchMs(stretch, nowMs)),
      stretch.kind === 'complete' ? 'complete' : 'gap',
    ])
    const [head = '', ...lines] = tableLines(['FROM', 'UNTIL', 'FOR', 'LOG'], rows, terminal)
    terminal.print(`${printable(device.name)}, in the time of ${device.timezone}`)
    terminal.print('')
    terminal.print(head)
    for (const [index, line] of lines.entries()) {
      terminal.print(line)
      const stretch = stretches[index]
      if (stretch?.kind !== 'gap') continue
      terminal.print(`  ${sentence(stretch.why)}`)
      terminal.print(`  Missing: ${printable(stretch.missing)}.`)
    }
    terminal.print('')
  }
  terminal.print(printable(coverage.standing))
}

function printJson(terminal: Terminal, shown: Shown): void {
  const { device, coverage, nowMs, localTimeAt, stretchMs } = shown
  for (const stretch of coverage.stretches) {
    const isGap = stretch.kind === 'gap'
    terminal.json({
      kind: stretch.kind,
      from: stretch.from.toISOString(),
      until: stretch.until?.toISOString() ?? null,
      local_from: localTimeAt(stretch.from.getTime()),
      local_until: stretch.until ? localTimeAt(stretch.until.getTime()) : null,
      duration_s: Math.round(stretchMs(stretch, nowMs) / 1000),
      seen_until: isGap ? null : stretch.seenUntil.toISOString(),
      reason: isGap ? stretch.reason : stretch.because,
      why: isGap ? stretch.why : null,
      missing: isGap ? stretch.missing : null,
    })
  }
  terminal.json({
    kind: 'standing',
    device_id: device.id,
    device: device.name,
    timezone: device.timezone,
    proven_until: coverage.provenUntil?.toISOString() ?? null,
    last_error: device.lastError,
    standing: coverage.standing,
  })
}
