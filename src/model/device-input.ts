import { isIP } from 'node:net'

/**
 * What a person typed for a setting of a device: the value as it is kept, or what is wrong with it, as the end of a sentence that
 * begins with the name of the option or field. The command line and the web interface refuse the same, in the same words.
 */
export type Checked = { readonly value: string } | { readonly fault: string }

/** Longer names would not fit a page, a log line or a spreadsheet column. */
const NAME_LENGTH_MAX = 100
/** A tag is a word or two, and a page shows all of a device. */
const TAG_LENGTH_MAX = 40
const TAGS_MAX = 20

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

/** A word to find devices by. Lists of tags are written with commas, so that none holds one. */
export function checkTag(text: string): Checked {
  const tag = text.trim().normalize('NFC')
  if (tag === '') return { fault: 'must not be empty' }
  if (tag.length > TAG_LENGTH_MAX) return { fault: `must not be longer than ${TAG_LENGTH_MAX} characters` }
  if (/[\p{Cc},]/u.test(tag)) return { fault: 'must not hold commas, line breaks or other control characters' }
  return { value: tag }
}

/** The tags of a device, in alphabetical order. Of two that differ in case alone the first is kept. */
export function checkTags(
  texts: readonly string[],
): { readonly value: readonly string[] } | { readonly fault: string } {
  const tags = new Map<string, string>()
  for (const text of texts) {
    const checked = checkTag(text)
    if ('fault' in checked) return { fault: `${checked.fault}: "${text.slice(0, TAG_LENGTH_MAX)}"` }
    const key = checked.value.toLowerCase()
    if (!tags.has(key)) tags.set(key, checked.value)
  }
  if (tags.size > TAGS_MAX) return { fault: `must not be more than ${TAGS_MAX}` }
  return { value: inAlphabeticalOrder([...tags.values()]) }
}

export function inAlphabeticalOrder(tags: readonly string[]): readonly string[] {
  return tags.toSorted(new Intl.Collator('en').compare)
}

export function hasTag(device: { readonly tags: readonly string[] }, tag: string): boolean {
  return device.tags.some(each => each.toLowerCase() === tag.toLowerCase())
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
