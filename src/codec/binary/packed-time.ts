import { CodecError } from '../../base/errors.ts'

/** A moment as a device tells it: wall clock, no zone. May be a date that no calendar has. */
export interface LocalTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Why a packed time is not a moment. */
export type PackedTimeFault = 'NO_TIME' | 'IMPOSSIBLE_DATE'

/** Every month has 31 slots, whatever the calendar says. */
const DAY_SLOTS = 31
const SECONDS_A_DAY = 86_400
const FIRST_YEAR = 2000
/** Encoders of the vendor take the year modulo 100. */
const LAST_YEAR = 2099
/** 2099-12-31 23:59:59. */
const LAST_PACKED = 3_214_079_999

/**
 * Decodes the time of records and of the device clock: seconds over hours over days over months of 31 slots. It grows
 * with time but is no count of seconds, so two of them are never subtracted.
 *
 * Any u32 decodes; the result may be an impossible date (31 April) or lie past 2099.
 *
 * Source: docs/protocol/time.md, T-1 to T-4; vectors `time`.
 */
export function decodePackedTime(packed: number): LocalTime {
  const days = Math.floor(packed / SECONDS_A_DAY)
  const seconds = packed - days * SECONDS_A_DAY
  const months = Math.floor(days / DAY_SLOTS)
  return {
    year: FIRST_YEAR + Math.floor(months / 12),
    month: (months % 12) + 1,
    day: (days % DAY_SLOTS) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  }
}

/**
 * Encodes a time. Days 1 to 31 of every month have a code, existing or not: firmware produces such, and so must a
 * virtual device.
 *
 * @throws CodecError `TIME_RANGE` for a field out of range or a year outside 2000 to 2099.
 */
export function encodePackedTime(time: LocalTime): number {
  const { year, month, day, hour, minute, second } = time
  const fits =
    within(year, FIRST_YEAR, LAST_YEAR) && within(month, 1, 12) && within(day, 1, DAY_SLOTS) && clockExists(time)
  if (!fits) throw new CodecError('TIME_RANGE', `${formatLocalTime(time)} has no packed form`)
  const days = ((year - FIRST_YEAR) * 12 + (month - 1)) * DAY_SLOTS + (day - 1)
  return days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second
}

/** Whether the calendar has this moment, in the years 2000 to 2099. */
export function existsInCalendar(time: LocalTime): boolean {
  const { year, month, day } = time
  if (!within(year, FIRST_YEAR, LAST_YEAR) || !within(month, 1, 12)) return false
  return within(day, 1, daysInMonth(year, month)) && clockExists(time)
}

/** `YYYY-MM-DD HH:MM:SS`. */
export function formatLocalTime(time: LocalTime): string {
  const { year, month, day, hour, minute, second } = time
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
}

/** Reads `YYYY-MM-DD HH:MM:SS`; null for anything else and for a moment that the calendar of 2000 to 2099 lacks. */
export function parseLocalTime(text: string): LocalTime | null {
  const match = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const time = { year, month, day, hour, minute, second }
  return existsInCalendar(time) ? time : null
}

/**
 * Why a packed time is no moment, or null. Zero, all ones and everything past 2099 stand for "no time": a punch of the
 * first second of 2000 comes from a clock that was never set. Allocates nothing.
 */
export function packedTimeFault(packed: number): PackedTimeFault | null {
  if (packed === 0 || packed > LAST_PACKED) return 'NO_TIME'
  const days = Math.floor(packed / SECONDS_A_DAY)
  const day = (days % DAY_SLOTS) + 1
  if (day <= 28) return null
  const months = Math.floor(days / DAY_SLOTS)
  return day <= daysInMonth(FIRST_YEAR + Math.floor(months / 12), (months % 12) + 1) ? null : 'IMPOSSIBLE_DATE'
}

/** Writes many packed times as text, remembering the last day: a log is a run of punches on few days. */
export class PackedTimeFormatter {
  #day = -1
  #dayText: string | null = null
  /** `HH:MM:` of the minutes of a day met so far. */
  readonly #minuteTexts: string[] = []

  /** `YYYY-MM-DD HH:MM:SS`, or null where {@link packedTimeFault} finds one. */
  text(packed: number): string | null {
    if (packed === 0 || packed > LAST_PACKED) return null
    const day = Math.floor(packed / SECONDS_A_DAY)
    if (day !== this.#day) {
      this.#day = day
      const time = decodePackedTime(packed)
      this.#dayText = existsInCalendar(time) ? formatLocalTime(time).slice(0, 11) : null
    }
    if (this.#dayText === null) return null
    const seconds = packed - day * SECONDS_A_DAY
    const minute = (seconds / 60) | 0
    return this.#dayText + this.#minuteText(minute) + TWO_DIGITS[seconds - minute * 60]
  }

  #minuteText(minute: number): string {
    let text = this.#minuteTexts[minute]
    if (text === undefined) {
      text = `${two((minute / 60) | 0)}:${two(minute % 60)}:`
      this.#minuteTexts[minute] = text
    }
    return text
  }
}

/** The seconds of a minute, since joining ready texts is twice as fast as making them. */
const TWO_DIGITS: readonly string[] = Array.from({ length: 60 }, (_, second) => two(second))

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The rule of 400 years matters: 2000 is a leap year, and 2100 is out of range. */
function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function clockExists({ hour, minute, second }: LocalTime): boolean {
  return within(hour, 0, 23) && within(minute, 0, 59) && within(second, 0, 59)
}

function within(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}
