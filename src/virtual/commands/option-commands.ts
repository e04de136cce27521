import { Command, Reply } from '../../codec/binary/commands.ts'
import { decodeText } from '../../codec/binary/text.ts'
import { type DeviceInside, replyTo } from '../exchange.ts'
import type { Handler } from './handler.ts'

/** The option that makes reads bring only what was not read before, and moves a marker each time. */
export const READ_ONCE_OPTION = 'DownloadNewLog'

/** Reads and writes options: text, `key=value`, ended by a NUL. */
export const optionCommands: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [
    Command.OptionsRrq,
    (request, device) => {
      const key = decodeText(request.data)
      const value = device.options.get(key)
      if (value === undefined || value === '') return [replyTo(request, Reply.Error)]
      return [replyTo(request, Reply.Ok, encodeText(`${key}=${value}`))]
    },
  ],
  [
    Command.OptionsWrq,
    (request, device) => {
      const text = decodeText(request.data)
      const split = text.indexOf('=')
      if (split < 1) return [replyTo(request, Reply.Error)]
      const key = text.slice(0, split)
      if (key === READ_ONCE_OPTION) device.stats.markerMoves++
      device.options.set(key, text.slice(split + 1))
      return [replyTo(request, Reply.Ok)]
    },
  ],
  [Command.RefreshOptions, request => [replyTo(request, Reply.Ok)]],
  [Command.GetVersion, (request, device) => [replyTo(request, Reply.Ok, encodeText(device.settings.firmware))]],
  [
    Command.GetPinWidth,
    (request, device) => [replyTo(request, Reply.Ok, Uint8Array.of(Number(device.options.get('~PIN2Width') ?? 9)))],
  ],
])

/** What a device tells of itself when nobody has changed anything. */
export function factoryOptions(settings: DeviceInside['settings']): Map<string, string> {
  const isColour = settings.profile === 'colour-screen'
  return new Map([
    ['~SerialNumber', settings.serialNumber],
    ['~DeviceName', settings.model],
    ['~Platform', settings.platform],
    ['~OS', '1'],
    ['~OEMVendor', 'Rollcall Virtual'],
    ['~ProductTime', '2020-02-02 20:20:20'],
    ['~ZKFPVersion', isColour ? '10' : '9'],
    ['~SSR', settings.userLayout === 72 ? '1' : '0'],
    ['~PIN2Width', settings.userLayout === 72 ? '14' : '9'],
    ['~ExtendFmt', settings.layout === '16' ? '1' : '0'],
    ['~UserExtFmt', settings.userLayout === 72 ? '1' : '0'],
    ['~IsOnlyRFMachine', '0'],
    ['~RFCardOn', '1'],
    ['FingerFunOn', '1'],
    ['FaceFunOn', isColour ? '1' : '0'],
    ['WorkCode', '0'],
    ['CompatOldFirmware', '0'],
    ['MAC', '02:00:5e:00:53:01'],
    ['IPAddress', '192.0.2.201'],
    ['NetMask', '255.255.255.0'],
    ['GATEIPAddress', '192.0.2.1'],
    ['DeviceID', '1'],
    ['TCPPort', '4370'],
    ['UDPPort', '4370'],
    ['Language', '69'],
    ['~MaxUserCount', String(settings.userCapacity)],
    ['~MaxFingerCount', '30'],
    ['~MaxAttLogCount', String(Math.floor(settings.capacity / 10_000))],
    ['AlarmAttLog', '99'],
    ['AlarmReRec', '0'],
    ['DelRecord', settings.whenFull === 'delete-oldest' ? '1' : '0'],
    ['ISLR', settings.whenFull === 'loop' ? '1' : '0'],
    [READ_ONCE_OPTION, '0'],
  ])
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`)
}
