import type { Command } from 'commander'
import { deviceJson } from '../../app/device-view.ts'
import { agoText } from '../../app/span-words.ts'
import { hasTag } from '../../model/device-input.ts'
import { parseTag } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addressText, statusAndWishes } from '../device-view.ts'
import { withRollcall } from '../open.ts'
import { tableLines } from '../table.ts'
import { printable } from '../terminal.ts'

interface Options extends CommonOptions {
  tag?: string
}

export function deviceList(cli: Cli): Command {
  return defineCommand('device:list', {
    summary: 'list the devices and how each is doing',
    examples: ['device:list', 'device:list --tag payroll', 'device:list --json'],
  })
    .option('--tag <tag>', 'only those with this tag, in whatever case', parseTag)
    .action(cli.action((options: Options) => listDevices(cli, options)))
}

async function listDevices(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const { tag } = options
    const all = await store.devices.list()
    const devices = tag === undefined ? all : all.filter(device => hasTag(device, tag))
    if (options.json) for (const device of devices) terminal.json(deviceJson(device))
    else if (devices.length === 0 && all.length > 0) terminal.note(`No device has the tag ${printable(tag ?? '')}.`)
    else if (devices.length === 0) terminal.note('There are no devices yet. Add one: rollcall device:add --help')
    else {
      const rows = devices.map(device => [
        String(device.id),
        device.name,
        addressText(device),
        statusAndWishes(device),
        agoText(device.lastSyncedAt, clock.now()),
        device.isActive ? (device.lastError ?? '') : '',
      ])
      const headings = ['ID', 'NAME', 'ADDRESS', 'STATUS', 'LAST SYNC', 'LAST ERROR']
      for (const line of tableLines(headings, rows, terminal)) terminal.print(line)
    }
    return 0
  })
}
