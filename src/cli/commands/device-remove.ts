import type { Command } from 'commander'
import { parseId } from '../arguments.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { confirm, requireAnswer } from '../confirm.ts'
import { withRollcall } from '../open.ts'
import { printable } from '../terminal.ts'

interface Options extends CommonOptions {
  yes?: true
}

export function deviceRemove(cli: Cli): Command {
  return defineCommand('device:remove', {
    summary: 'remove a device with its attendance logs',
    details: 'To keep the logs and only stop syncing, use device:disable. Nothing on the device itself is changed.',
    examples: ['device:remove 3', 'device:remove 3 --yes'],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .option('--yes', 'do not ask')
    .action(cli.action((id: number, options: Options) => removeDevice(cli, id, options)))
}

async function removeDevice(cli: Cli, id: number, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  requireAnswer('device:remove', options)
  return await withRollcall(cli, async ({ store, base }) => {
    const device = await store.devices.get(id)
    const name = printable(device.name)
    const logs = await store.logs.count({ deviceIds: [id] })
    if (!options.yes && !(await confirm(`Remove device ${id}, ${name}, and its ${logs} attendance log(s) for good?`))) {
      terminal.note('Nothing was removed.')
      return 1
    }
    await store.devices.remove(id)
    base.log.info(`Device ${device.name} removed with its ${logs} attendance logs`)
    if (options.json) terminal.json({ id, name: device.name, removed: true, attendance_logs: logs })
    else terminal.print(`Removed device ${id}, ${name}, and its ${logs} attendance log(s).`)
    return 0
  })
}
