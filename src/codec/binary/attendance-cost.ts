import type { LayoutName } from './attendance-record.ts'
import { recordBytes, USER_ID_BYTES, USER_ID_OFFSET } from './attendance-record.ts'
import { readU16, readU32 } from './integers.ts'
import { encodePackedTime, packedTimeFault } from './packed-time.ts'
import { type UserIdFault, userIdFaultAt } from './text.ts'

/**
 * How many bits a record takes when it is described in the words of a layout: a common verify mode takes few, a rare
 * one many, a user id that is no text more than its bytes are worth. Each number is about -log2 of how often a device
 * sends that value, and the values of one field share a probability of at most 1. So
 * random bytes save n bits, against the 8 bits a byte that they have, by luck with a chance below 2^-n. Memory of another
 * kind can save more, since its zeros are cheap in any words: the proof asks for dates and ids besides.
 */
export interface RecordCost {
  readonly bits: number
  /** The layout describes the record better than its bare bytes do, and not by its user id alone. */
  readonly explained: boolean
  /**
   * `timely`: in the window in which punches are expected. `unset`: from a clock that was not set. `odd`: anything
   * else.
   */
  readonly dating: 'timely' | 'unset' | 'odd'
  /** The record names somebody. */
  readonly readable: boolean
  /** What the next record is compared with. */
  readonly packedTime: number
}

/** The window in which the times of honest records lie, as packed times. */
export interface TimeWindow {
  readonly first: number
  readonly last: number
  /** Where the clock of the device is known, most records lie in the ten years before it. */
  readonly knownClock: boolean
}

const YEAR_SLOTS = 12 * 31 * 86_400
/** A day backwards is up to four slots: from 1 March to 28 February. */
const DAY_BACK = 4 * 86_400
const YEAR_2001 = YEAR_SLOTS

/** Punches before 2005 come from a clock that was not set: the first devices with these layouts are younger. */
export const FIRST_PUNCH = encodePackedTime({ year: 2005, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
const LAST_PUNCH = encodePackedTime({ year: 2099, month: 12, day: 31, hour: 23, minute: 59, second: 59 })
/** Where times lie when the device's clock does not say: 2005 to 2040. */
const LIKELY_LAST = FIRST_PUNCH + 35 * YEAR_SLOTS

const NO_TIME_BITS = 48
const IMPOSSIBLE_DATE_BITS = 46
/** The clock was set, or lost its battery, between two records. */
const CLOCK_JUMP_BITS = 10

/** The window for the clock of a device; a clock before 2005 was never set and says nothing. */
export function timeWindow(deviceTime: number | null): TimeWindow {
  if (deviceTime === null || deviceTime < FIRST_PUNCH || packedTimeFault(deviceTime) !== null) {
    return { first: FIRST_PUNCH, last: LAST_PUNCH, knownClock: false }
  }
  let last = deviceTime + 86_400
  while (packedTimeFault(last) === 'IMPOSSIBLE_DATE') last += 86_400
  return { first: FIRST_PUNCH, last: Math.min(last, LAST_PUNCH), knownClock: true }
}

/**
 * What the record at `at` costs in `layout`; `previous` is the time of the record before it, null where there is none.
 */
export function recordCost(from: {
  block: Uint8Array
  at: number
  layout: LayoutName
  previous: number | null
  window: TimeWindow
}): RecordCost {
  const { block, at, layout, previous, window } = from
  const packedTime = recordTime(block, at, layout)
  const fault = packedTimeFault(packedTime)
  const time = timeBits({ packedTime, previous, window })
  const bits = fieldBits(block, at, layout) + time
  return {
    bits,
    explained: bits < recordBytes(layout) * 8 && codesAreExplained(block, at, layout, time),
    dating: datingOf(packedTime, window),
    readable: recordIdFault(block, at, layout) === null,
    // Nothing is near a time that is none, so the last real one stays what times are compared with.
    packedTime: fault === 'NO_TIME' && previous !== null ? previous : packedTime,
  }
}

function datingOf(packedTime: number, window: TimeWindow): RecordCost['dating'] {
  if (packedTimeFault(packedTime) !== null || packedTime > window.last) return 'odd'
  return packedTime < window.first ? 'unset' : 'timely'
}

/** Why the id of the record at `at` names nobody, or null; in layouts that have slots alone, slot 0 is nobody. */
export function recordIdFault(block: Uint8Array, at: number, layout: LayoutName): UserIdFault | null {
  return idJudgeOf(layout)(block, at)
}

/** {@link recordIdFault} for one layout: chosen once for a log, not for each of its records. */
export function idJudgeOf(layout: LayoutName): (block: Uint8Array, at: number) => UserIdFault | null {
  switch (familyOf(layout)) {
    case '8A':
    case '8B':
      return (block, at) => (readU16(block, at) === 0 ? 'EMPTY_USER_ID' : null)
    case '16':
      return (block, at) => (readU32(block, at) === 0 ? 'EMPTY_USER_ID' : null)
    case 'text':
      return (block, at) => userIdFaultAt(block, at + USER_ID_OFFSET, USER_ID_BYTES)
  }
}

/** Where the packed time stands in a record. */
export function timeOffsetOf(layout: LayoutName): number {
  return TIME_OFFSET[familyOf(layout)]
}

/** The packed time of the record at `at`. */
function recordTime(block: Uint8Array, at: number, layout: LayoutName): number {
  return readU32(block, at + timeOffsetOf(layout))
}

type Family = '8A' | '8B' | '16' | 'text'

const TIME_OFFSET = { '8A': 3, '8B': 4, '16': 4, text: 27 } as const

function familyOf(layout: LayoutName): Family {
  return layout === '8A' || layout === '8B' || layout === '16' ? layout : 'text'
}

function fieldBits(block: Uint8Array, at: number, layout: LayoutName): number {
  const byte = (offset: number) => block[at + offset] as number
  switch (familyOf(layout)) {
    case '8A':
      return slotBits(readU16(block, at)) + verifyBits(byte(2)) + stateBits(byte(7))
    case '8B':
      return slotBits(readU16(block, at)) + verifyBits(byte(2)) + stateBits(byte(3))
    case '16':
      return (
        numericIdBits(readU32(block, at)) +
        stateBits(byte(8)) +
        verifyBits(byte(9)) +
        (readU16(block, at + 10) === 0 ? 0.2 : 30) +
        workCodeBits(readU32(block, at + 12))
      )
    case 'text':
      return textRecordBits(block, at, recordBytes(layout))
  }
}

function textRecordBits(block: Uint8Array, at: number, size: number): number {
  let bits = smallNumberBits(readU16(block, at)) + textIdBits(block, at + 2) + textCodeBits(block, at, size)
  // Nobody knows what stands there, so little is promised: zeros are somewhat likely, and nothing else costs less than
  // its own bits.
  for (let i = 40; i < size; i++) bits += block[at + i] === 0 ? 2 : 8.5
  return bits
}

/** The codes behind the user id: verify mode, state, work code, reserved bytes. */
function textCodeBits(block: Uint8Array, at: number, size: number): number {
  return (
    verifyBits(block[at + 26] as number) +
    stateBits(block[at + 31] as number) +
    workCodeBits(readU32(block, at + 32)) +
    (size >= 40 ? reservedBits(readU32(block, at + 36)) : 0)
  )
}

/** Any text is a fine user id, and four digits are a date in 2025. A record is more than text: its codes are none. */
function codesAreExplained(block: Uint8Array, at: number, layout: LayoutName, time: number): boolean {
  if (familyOf(layout) !== 'text') return true
  const size = recordBytes(layout)
  return textCodeBits(block, at, size) + time < (Math.min(size, 40) - 26) * 8
}

/**
 * The time of a record. Near its predecessor it costs the logarithm of the distance: logs are written in order, and a
 * device that a crowd passes writes one record after the other. This is what tells 8A from 8B where both show real
 * dates: the wrong one reads the seconds 256 times as fast, or as slow.
 */
function timeBits(from: { packedTime: number; previous: number | null; window: TimeWindow }): number {
  const { packedTime, previous, window } = from
  const fault = packedTimeFault(packedTime)
  if (fault === 'NO_TIME') return NO_TIME_BITS
  const fresh = fault === null ? freshTimeBits(packedTime, window) : IMPOSSIBLE_DATE_BITS
  if (previous === null) return fresh
  const near = distanceBits(packedTime - previous) + (fault === null ? 0 : 10)
  return Math.min(near, fresh + CLOCK_JUMP_BITS)
}

function distanceBits(distance: number): number {
  if (distance >= 0) return 6 + octave(distance)
  return distance >= -DAY_BACK ? 26 : 60
}

/** A time without a predecessor: uniform over where it may lie, in the likeliest of four places. */
function freshTimeBits(packedTime: number, window: TimeWindow): number {
  let bits = 40
  if (packedTime <= YEAR_2001) bits = 36
  if (packedTime >= FIRST_PUNCH && packedTime <= LIKELY_LAST) bits = window.knownClock ? 36 : 31
  const recent = Math.max(window.first, window.last - 10 * YEAR_SLOTS)
  if (window.knownClock && packedTime >= recent && packedTime <= window.last) bits = 29.5
  return bits
}

/** A slot in a layout that has nothing else to name a person by: 0 is nobody. */
function slotBits(uid: number): number {
  return uid === 0 ? 20 : smallNumberBits(uid)
}

function smallNumberBits(value: number): number {
  return 4.1 + octave(value)
}

/** User ids have at most nine digits where they are numbers. */
function numericIdBits(id: number): number {
  if (id === 0) return 25
  return 5.1 + octave(id) + (id >= 1_000_000_000 ? 16 : 0)
}

function verifyBits(mode: number): number {
  if (mode === 1) return 1.5
  if (mode === 15) return 3
  if (mode <= 4) return 4
  return mode <= 30 ? 8 : 13
}

/** Administrators can renumber the keys, so any state may come; in practice nearly all are these. */
function stateBits(state: number): number {
  if (state === 0) return 1
  if (state === 1) return 2.5
  return state <= 5 || state === 255 ? 5 : 14
}

/** Few sites use them, and those that do give them few digits. */
function workCodeBits(workCode: number): number {
  if (workCode === 0) return 0.5
  return 8.1 + octave(workCode) + (workCode >= 1_000_000 ? 16 : 0)
}

/** Zeros, ff 00 00 00, or a running index where the log is a loop. */
function reservedBits(reserved: number): number {
  if (reserved === 0) return 1
  return reserved === 0xff ? 2 : 8.1 + octave(reserved)
}

/**
 * Text of 24 bytes: printable up to the first NUL, mostly digits, mostly zeros after it; some devices leave garbage
 * there.
 */
function textIdBits(block: Uint8Array, start: number): number {
  const end = start + 24
  let bits = 0
  let at = start
  for (; at < end && block[at] !== 0; at++) bits += idCharacterBits(block[at] as number)
  const length = at - start
  if (length === 0) bits += 60
  else bits += length <= 9 ? 4 : 8
  let garbage = 0
  let zeros = 0
  for (at += 1; at < end; at++) {
    if (block[at] === 0) zeros += 1
    else garbage += 1
  }
  return bits + (garbage === 0 ? 1 : 5 + zeros + 9 * garbage)
}

function idCharacterBits(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return 3.7
  return byte >= 0x20 && byte < 0x7f ? 8.8 : 16
}

/** The power of two that a number reaches, 0 for 0. */
function octave(value: number): number {
  return Math.floor(Math.log2(value + 1))
}
