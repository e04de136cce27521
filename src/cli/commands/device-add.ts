import type { Command } from 'commander'
import { deviceJson } from '../../app/device-view.ts'
import type { TransportSetting } from '../../model/device.ts'
import {
  collectTag,
  parseHost,
  parseName,
  parsePort,
  parseSwitch,
  parseTimezone,
  parseTransport,
} from '../arguments.ts'
import { COMM_KEY_HELP_WITH_ENVIRONMENT, readCommKey } from '../comm-key.ts'
import { type Cli, type CommonOptions, defineCommand, type ExitStatus } from '../command.ts'
import { AUTO_CLOCK_HELP, addressText, LIVE_HELP, TAG_HELP } from '../device-view.ts'
import { withRollcall } from '../open.ts'
import { printable } from '../terminal.ts'

interface Options extends CommonOptions {
  name: string
  host: string
  port: number
  transport: TransportSetting
  commKey?: string
  timezone?: string
  tag?: readonly string[]
  live?: boolean
  autoClock?: boolean
  inactive?: true
}

export function deviceAdd(cli: Cli): Command {
  return defineCommand('device:add', {
    summary: 'add a device and print its id',
    details:
      'The time zone is the one that the clock of the device shows; devices do not tell it. Unless given, it is the zone of this machine.',
    examples: [
      'device:add --name "Main Entrance" --host 192.168.1.201',
      'device:add --name "Back Door" --host gate.example.com --transport udp --timezone Asia/Manila',
      'device:add --name Gate --host 10.0.0.8 --tag "Plant 2" --tag payroll',
      'device:add --name Store --host 10.0.0.9 --comm-key - < comm-key.txt',
    ],
  })
    .requiredOption('--name <name>', 'what people call it', parseName)
    .requiredOption('--host <host>', 'its address or host name', parseHost)
    .option('--port <port>', 'its port', parsePort, 4370)
    .option('--transport <transport>', 'tcp, udp, or auto: TCP first, then UDP', parseTransport, 'auto')
    .option('--comm-key <key>', COMM_KEY_HELP_WITH_ENVIRONMENT)
    .option('--timezone <zone>', 'the zone of its clock, such as Europe/Berlin', parseTimezone)
    .option('--tag <tag>', TAG_HELP, collectTag)
    .option('--live <on|off>', LIVE_HELP, parseSwitch('--live'))
    .option('--auto-clock <on|off>', AUTO_CLOCK_HELP, parseSwitch('--auto-clock'))
    .option('--inactive', 'do not sync it yet')
    .action(cli.action((options: Options) => addDevice(cli, options)))
}

async function addDevice(cli: Cli, options: Options): Promise<ExitStatus> {
  const { terminal } = cli
  const { name, host, port, transport, inactive } = options
  const commKey = (await readCommKey(options.commKey, cli)) ?? 0
  const timezone = options.timezone ?? Temporal.Now.timeZoneId()
  return await withRollcall(cli, async ({ store, base }) => {
    const twin = (await store.devices.list()).find(other => other.host === host && other.port === port)
    const device = await store.devices.add({
      name,
      host,
      port,
      transport,
      timezone,
      commKey,
      tags: options.tag ?? [],
      isActive: !inactive,
      isLive: options.live ?? false,
      setsClock: options.autoClock ?? false,
    })
    base.log.info(`Device ${name} added with id ${device.id} at ${addressText(device)}`)
    if (twin) terminal.note(`Device ${twin.id}, ${printable(twin.name)}, has the same address ${addressText(device)}.`)
    const zone = options.timezone
      ? `Its clock shows the time of ${timezone}.`
      : `Its clock is taken to show the time of ${timezone}, the zone of this machine; device:edit ${device.id} --timezone corrects that.`
    terminal.note(`Added ${printable(name)} at ${addressText(device)}. ${zone}`)
    terminal.note(`Try the connection with: rollcall device:test ${device.id}`)
    if (options.json) terminal.json(deviceJson(device))
    else terminal.print(String(device.id))
    return 0
  })
}
