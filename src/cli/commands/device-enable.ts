import type { Command } from 'commander'
import { deviceJson } from '../../app/device-view.ts'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { withRollcall } from '../open.ts'
import { printable } from '../terminal.ts'

export function deviceEnable(cli: Cli): Command {
  return defineCommand('device:enable', {
    summary: 'sync a device from now on',
    examples: ['device:enable 1'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => setActive(cli, { id, isActive: true }, options)))
}

export function deviceDisable(cli: Cli): Command {
  return defineCommand('device:disable', {
    summary: 'leave a device alone, and keep what it brought',
    examples: ['device:disable 1'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .action(cli.action((id: number, options: CommonOptions) => setActive(cli, { id, isActive: false }, options)))
}

async function setActive(
  cli: Cli,
  change: { id: number; isActive: boolean },
  options: CommonOptions,
): Promise<ExitStatus> {
  const { id, isActive } = change
  return await withRollcall(cli, async ({ store, base }) => {
    const device = await store.devices.edit(id, { isActive })
    base.log.info(`Device ${device.name} ${isActive ? 'enabled' : 'disabled'}`)
    if (options.json) cli.terminal.json(deviceJson(device))
    else cli.terminal.print(`Device ${id}, ${printable(device.name)}, is ${isActive ? 'enabled' : 'disabled'}.`)
    return 0
  })
}
