import type { Command } from 'commander'
import { agoText } from '../../app/span-words.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { addressText, deviceJson, statusAndWishes } from '../device-view.ts'
import { withRollcall } from '../open.ts'
import { tableLines } from '../table.ts'

export function deviceList(cli: Cli): Command {
  return defineCommand('device:list', {
    summary: 'list the devices and how each is doing',
    examples: ['device:list', 'device:list --json'],
  }).action(cli.action((options: CommonOptions) => listDevices(cli, options)))
}

async function listDevices(cli: Cli, options: CommonOptions): Promise<ExitStatus> {
  const { terminal, clock } = cli
  return await withRollcall(cli, async ({ store }) => {
    const devices = await store.devices.list()
    if (options.json) for (const device of devices) terminal.json(deviceJson(device))
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
