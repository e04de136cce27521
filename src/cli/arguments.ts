import { ConfigError } from '../base/errors.ts'
import type { TransportSetting } from '../model/device.ts'
import { checkHost, checkName, checkTag, checkTags, checkTimezone } from '../model/device-input.ts'
import { spanMs } from '../model/moment-text.ts'

/** No interval, count or wait of a command is longer than a day. */
const SECONDS_MAX = 86_400

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

export function parseName(text: string): string {
  return accepted(checkName(text), '--name')
}

/** A host name or an address, and nothing around it. */
export function parseHost(text: string): string {
  return accepted(checkHost(text, '--port'), '--host')
}

export function parseTag(text: string): string {
  return accepted(checkTag(text), '--tag')
}

/** For an option that may be given several times: all tags of a device. */
export function collectTag(text: string, before: readonly string[] | undefined): readonly string[] {
  return accepted(checkTags([...(before ?? []), parseTag(text)]), '--tag')
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
  return accepted(checkTimezone(text), '--timezone')
}

function accepted<Value>(checked: { readonly value: Value } | { readonly fault: string }, option: string): Value {
  if ('value' in checked) return checked.value
  throw usageError(`${option} ${/[.?]$/.test(checked.fault) ? checked.fault : `${checked.fault}.`}`)
}
