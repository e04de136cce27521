import type { Clock } from '../base/clock.ts'
import { encodePackedTime, type LocalTime } from '../codec/binary/packed-time.ts'

/**
 * The clock on the wall of a virtual device: wall-clock time without a zone, in whole seconds, that can be wrong.
 * Local time is counted in milliseconds as if the wall clock showed UTC.
 */
export class DeviceClock {
  readonly #clock: Pick<Clock, 'now'>
  readonly #show: (localMs: number) => number
  #aheadMs: number

  constructor(parts: { clock: Pick<Clock, 'now'>; aheadMs: number; show: (localMs: number) => number }) {
    this.#clock = parts.clock
    this.#aheadMs = parts.aheadMs
    this.#show = parts.show
  }

  localMs(): number {
    return this.#show(this.soundMs())
  }

  /** What it would show if nothing were wrong with it but what somebody has set. */
  soundMs(): number {
    return this.#clock.now() + this.#aheadMs
  }

  packed(): number {
    return packedFromMs(this.localMs())
  }

  shift(ms: number): void {
    this.#aheadMs += ms
  }

  /** As `CMD_SET_TIME` does: the difference to what is shown now becomes part of the offset. */
  set(time: LocalTime): void {
    this.#aheadMs += msFromLocalTime(time) - this.localMs()
  }
}

export function msFromLocalTime(time: LocalTime): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
}

export function localTimeFromMs(localMs: number): LocalTime {
  const date = new Date(localMs)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

const FIRST_MS = Date.UTC(2000, 0, 1)
const LAST_MS = Date.UTC(2099, 11, 31, 23, 59, 59)

/** A clock that was set outside 2000 to 2099 shows the nearest time that its records can carry. */
export function packedFromMs(localMs: number): number {
  return encodePackedTime(localTimeFromMs(Math.min(Math.max(localMs, FIRST_MS), LAST_MS)))
}
