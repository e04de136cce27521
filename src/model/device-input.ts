import { isIP } from 'node:net'

/**
 * What a person typed for a setting of a device: the value as it is kept, or what is wrong with it, as the end of a sentence that
 * begins with the name of the option or field. The command line and the web interface refuse the same, in the same words.
 */
export type Checked = { readonly value: string } | { readonly fault: string }

/** Longer names would not fit a page, a log line or a spreadsheet column. */
const NAME_LENGTH_MAX = 100

/** Labels between dots. Underscores are in no standard and in some networks. */
const HOST_NAME = /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?$/

export function checkName(text: string): Checked {
  const name = text.trim()
  if (name === '') return { fault: 'must not be empty' }
  if (name.length > NAME_LENGTH_MAX) return { fault: `must not be longer than ${NAME_LENGTH_MAX} characters` }
  if (/\p{Cc}/u.test(name)) return { fault: 'must not hold line breaks or other control characters' }
  return { value: name }
}

/** A host name or an address, and nothing around it. `portField` is what takes the port instead. */
export function checkHost(text: string, portField: string): Checked {
  const host = text.trim()
  if (host === '') return { fault: 'must not be empty' }
  if (/^\w+:\/\//.test(host)) return { fault: `takes a name or an address without "${host.split('//')[0]}//"` }
  if (/^[^:]+:\d+$/.test(host)) return { fault: `takes no port: give it with ${portField}` }
  const address = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0) return { value: address }
  // The length first: the pattern takes its time on a text that nobody would send for a host.
  if (host.length <= 253 && HOST_NAME.test(host) && !/^[\d.]+$/.test(host)) return { value: host }
  return { fault: `must be a host name or an IP address, such as 192.168.1.201, not "${text}"` }
}

/** The IANA name of a zone as the platform spells it. */
export function checkTimezone(text: string): Checked {
  try {
    // An offset knows no summer time, so that half of the year would be wrong.
    if (!/^[+-]/.test(text)) {
      return { value: Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId }
    }
  } catch {
    // Not a zone: told below.
  }
  const near = zonesLike(text)
  const advice = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a name such as Europe/Berlin.'
  return { fault: `"${text}" is not a time zone that is known here: ${advice}` }
}

/** At most three zones whose name holds the text. */
function zonesLike(text: string): string[] {
  const wanted = text.toLowerCase().replaceAll(' ', '_')
  if (wanted.length < 3) return []
  return Intl.supportedValuesOf('timeZone')
    .filter(zone => zone.toLowerCase().includes(wanted))
    .slice(0, 3)
}
