import type { Command } from 'commander'
import { deviceJson } from '../../app/device-view.ts'
import type { DeviceSettings, TransportSetting } from '../../model/device.ts'
import {
  collectTag,
  parseHost,
  parseId,
  parseName,
  parsePort,
  parseSwitch,
  parseTimezone,
  parseTransport,
  usageError,
} from '../arguments.ts'
import { COMM_KEY_HELP, readCommKey } from '../comm-key.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { AUTO_CLOCK_HELP, addressText, LIVE_HELP, TAG_HELP } from '../device-view.ts'
import { withRollcall } from '../open.ts'
import { printable } from '../terminal.ts'

interface Options extends CommonOptions {
  name?: string
  host?: string
  port?: number
  transport?: TransportSetting
  commKey?: string
  timezone?: string
  tag?: readonly string[]
  /** False for `--no-tags`. */
  tags: boolean
  live?: boolean
  autoClock?: boolean
}

export function deviceEdit(cli: Cli): Command {
  return defineCommand('device:edit', {
    summary: 'change the settings of a device',
    details:
      'What is not given stays as it is. The tags that are given take the place of those it had. A comm key of 0 is none. Another time zone counts from the next sync on.',
    examples: [
      'device:edit 1 --host 192.168.1.210',
      'device:edit 1 --live on',
      'device:edit 1 --tag "Plant 2" --tag payroll',
      'device:edit 1 --comm-key - < comm-key.txt',
    ],
  })
    .argument('<id>', 'the id of the device, from device:list', text => parseId(text))
    .option('--name <name>', 'what people call it', parseName)
    .option('--host <host>', 'its address or host name', parseHost)
    .option('--port <port>', 'its port', parsePort)
    .option('--transport <transport>', 'tcp, udp, or auto: TCP first, then UDP', parseTransport)
    .option('--comm-key <key>', COMM_KEY_HELP)
    .option('--timezone <zone>', 'the zone of its clock, such as Europe/Berlin', parseTimezone)
    .option('--tag <tag>', TAG_HELP, collectTag)
    .option('--no-tags', 'take all its tags away')
    .option('--live <on|off>', LIVE_HELP, parseSwitch('--live'))
    .option('--auto-clock <on|off>', AUTO_CLOCK_HELP, parseSwitch('--auto-clock'))
    .action(cli.action((id: number, options: Options) => editDevice(cli, id, options)))
}

async function editDevice(cli: Cli, id: number, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const { json, commKey: given, live, autoClock, tag, tags: keepsTags, ...rest } = options
  if (tag && !keepsTags) throw usageError('--tag and --no-tags exclude each other.')
  // The variable is for adding: it must not change the key of a device whose name is being corrected.
  const commKey = await readCommKey(given, {})
  const changes: Partial<DeviceSettings> = {
    ...rest,
    ...(commKey === null ? {} : { commKey }),
    ...(tag ? { tags: tag } : keepsTags ? {} : { tags: [] }),
    ...(live === undefined ? {} : { isLive: live }),
    ...(autoClock === undefined ? {} : { setsClock: autoClock }),
  }
  if (Object.keys(changes).length === 0) {
    throw usageError(
      'device:edit needs --name, --host, --port, --transport, --comm-key, --timezone, --tag, --no-tags, --live or --auto-clock.',
    )
  }
  return await withRollcall(cli, async ({ store, base }) => {
    const device = await store.devices.edit(id, changes)
    const changed = Object.keys(changes).map(optionOf).join(', ')
    base.log.info(`Device ${device.name}: changed ${changed}`)
    terminal.note(`Changed ${changed} of device ${id}, ${printable(device.name)}.`)
    if (json) terminal.json(deviceJson(device))
    else terminal.print(`${device.id}  ${printable(device.name)}  ${addressText(device)}`)
    return 0
  })
}

const SETTING_WORDS: Readonly<Record<string, string>> = { commKey: 'comm key', isLive: 'live', setsClock: 'auto-clock' }

function optionOf(setting: string): string {
  return SETTING_WORDS[setting] ?? setting
}
