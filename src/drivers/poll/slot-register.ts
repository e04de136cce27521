import type { PersonSpan } from '../../model/device.ts'
import type { QuarantineReason } from '../../model/punch.ts'

/**
 * Who held a slot at a local time. Records of 8 bytes name a slot alone, and slots are reused: a record made between the
 * last sight of one person in a slot and the first sight of the next may be either's, so it is nobody's.
 */
export class SlotRegister {
  readonly #spans = new Map<number, PersonSpan[]>()

  constructor(people: readonly PersonSpan[]) {
    for (const span of people) {
      const spans = this.#spans.get(span.uid)
      if (spans) spans.push(span)
      else this.#spans.set(span.uid, [span])
    }
    for (const spans of this.#spans.values()) spans.sort((a, b) => (a.firstSeenLocal < b.firstSeenLocal ? -1 : 1))
  }

  userAt(uid: number, localTime: string): { userId: string } | { reason: QuarantineReason } {
    const spans = this.#spans.get(uid)
    const first = spans?.[0]
    if (!spans || !first) return { reason: 'UNKNOWN_UID' }
    if (localTime <= first.lastSeenLocal) return first
    for (let i = 1; i < spans.length; i++) {
      const span = spans[i] as PersonSpan
      if (localTime < span.firstSeenLocal) return { reason: 'AMBIGUOUS_UID' }
      if (localTime <= span.lastSeenLocal) return span
    }
    return spans[spans.length - 1] as PersonSpan
  }
}
