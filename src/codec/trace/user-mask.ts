import { privateBytes, type UserLayout } from '../binary/user-record.ts'
import type { TracedBytes } from './trace-events.ts'

/** The length that stands before the records of a list. */
const LENGTH_WORD_BYTES = 4
const USER_LAYOUTS: readonly UserLayout[] = [28, 72]

/**
 * The lengths that the records of a list of `total` bytes may have. Both where both divide it and the count of users does not
 * decide; none where neither does, and then nobody knows where a password stands.
 */
export function possibleUserLayouts(list: { total: number; userCount: number | null }): readonly UserLayout[] {
  const recordsBytes = list.total - LENGTH_WORD_BYTES
  const dividing = USER_LAYOUTS.filter(layout => recordsBytes >= 0 && recordsBytes % layout === 0)
  const counted = dividing.filter(layout => recordsBytes / layout === list.userCount)
  return counted.length > 0 ? counted : dividing
}

/** Masks the private bytes of a part of a list of users that begins at `position` of the list, whichever layout it has. */
export function maskUsers(part: TracedBytes, at: { position: number; layouts: readonly UserLayout[] }): void {
  for (const layout of at.layouts) {
    const { from, to } = privateBytes(layout)
    for (let i = 0; i < part.bytes.length; i++) {
      const inRecords = at.position + i - LENGTH_WORD_BYTES
      const inRecord = inRecords % layout
      if (inRecords >= 0 && inRecord >= from && inRecord < to) maskBytes(part, i, i + 1)
    }
  }
}

/** Replaces bytes by zeros, and marks them. */
export function maskBytes({ bytes, marks }: TracedBytes, from: number, to: number): void {
  bytes.fill(0, from, to)
  marks.fill(1, from, to)
}
