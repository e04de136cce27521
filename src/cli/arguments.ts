import { isIP } from 'node:net'
import { ConfigError } from '../base/errors.ts'
import type { TransportSetting } from '../model/device.ts'

/** Longer names would not fit a page, a log line or a spreadsheet column. */
const NAME_LENGTH_MAX = 100
/** No interval, count or wait of a command is longer than a day. */
const SECONDS_MAX = 86_400
const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }

/** Labels between dots. Underscores are in no standard and in some networks. */
const HOST_NAME = /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?$/

/** Wrong usage, told in one sentence that names the option. */
export function usageError(message: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', message)
}

/** Parses the id of a device or another positive whole number. `what` is the option or argument, for the message. */
export function parseId(text: string, what = 'ID'): number {
  const id = Number(text)
  if (/^\d{1,15}$/.test(text) && id > 0) return id
  throw usageError(`${what} must be a whole number such as 1, not "${text}"; device:list shows the ids.`)
}

/** For an option that may be given several times. */
export function collectId(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), parseId(text, '--device-id')]
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw usageError(`--port must be a whole number from 1 to 65535, not "${text}".`)
}

/** A count with its bounds, for an option of a whole number. */
export function parseCount(option: string, bounds: { min: number; max: number }): (text: string) => number {
  return text => {
    const count = Number(text)
    if (/^\d{1,15}$/.test(text) && count >= bounds.min && count <= bounds.max) return count
    throw usageError(`${option} must be a whole number from ${bounds.min} to ${bounds.max}, not "${text}".`)
  }
}

/** Seconds as a plain number, or a span with its unit; in milliseconds. */
export function parseInterval(option: string): (text: string) => number {
  return text => {
    const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : spanMs(text)
    if (ms !== null && ms >= 1000 && ms <= SECONDS_MAX * 1000) return ms
    throw usageError(`${option} must be a number of seconds from 1 to ${SECONDS_MAX}, not "${text}".`)
  }
}

/** A span such as `500ms`, `5s` or `2m`, in milliseconds. */
export function parseSpan(option: string): (text: string) => number {
  return text => {
    const ms = spanMs(text)
    if (ms !== null && ms >= 1 && ms <= SECONDS_MAX * 1000) return ms
    throw usageError(`${option} must be a time such as 500ms, 5s or 2m, not "${text}".`)
  }
}

/** Milliseconds of `90s`, `1.5h`, `7d`; null for any other text. */
export function spanMs(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(text) ?? []
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit]
  return unitMs === undefined ? null : Math.round(Number(amount) * unitMs)
}

export function parseName(text: string): string {
  const name = text.trim()
  if (name === '') throw usageError('--name must not be empty.')
  if (name.length > NAME_LENGTH_MAX) throw usageError(`--name must not be longer than ${NAME_LENGTH_MAX} characters.`)
  if (/\p{Cc}/u.test(name)) throw usageError('--name must not hold line breaks or other control characters.')
  return name
}

/** A host name or an address, and nothing around it. */
export function parseHost(text: string): string {
  const host = text.trim()
  if (host === '') throw usageError('--host must not be empty.')
  if (/^\w+:\/\//.test(host)) throw usageError(`--host takes a name or an address without "${host.split('//')[0]}//".`)
  if (/^[^:]+:\d+$/.test(host)) throw usageError('--host takes no port: give it with --port.')
  const address = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0) return address
  if (HOST_NAME.test(host) && !/^[\d.]+$/.test(host) && host.length <= 253) return host
  throw usageError(`--host must be a host name or an IP address, such as 192.168.1.201, not "${text}".`)
}

export function parseSwitch(option: string): (text: string) => boolean {
  return text => {
    if (text === 'on' || text === 'off') return text === 'on'
    throw usageError(`${option} must be on or off, not "${text}".`)
  }
}

export function parseTransport(text: string): TransportSetting {
  if (text === 'auto' || text === 'tcp' || text === 'udp') return text
  throw usageError(`--transport must be auto, tcp or udp, not "${text}".`)
}

/** The IANA name of a zone as the platform spells it. */
export function parseTimezone(text: string): string {
  try {
    // An offset knows no summer time, so that half of the year would be wrong.
    if (!/^[+-]/.test(text)) return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId
  } catch {
    // Not a zone: told below.
  }
  const near = zonesLike(text)
  const advice = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a name such as Europe/Berlin.'
  throw usageError(`--timezone "${text}" is not a time zone that is known here: ${advice}`)
}

/** At most three zones whose name holds the text. */
function zonesLike(text: string): string[] {
  const wanted = text.toLowerCase().replaceAll(' ', '_')
  if (wanted.length < 3) return []
  return Intl.supportedValuesOf('timeZone')
    .filter(zone => zone.toLowerCase().includes(wanted))
    .slice(0, 3)
}
