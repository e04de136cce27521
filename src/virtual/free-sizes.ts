import type { Settings } from './settings.ts'
import type { UserTable } from './users.ts'

/** As many words as the longest answer has. */
const WORDS = 28

/** Where the counters and capacities stand; the other words are zero. Users of this device carry one finger each. */
const WORD = {
  users: 4,
  fingers: 6,
  records: 8,
  operations: 10,
  administrators: 12,
  passwords: 13,
  fingerCapacity: 14,
  userCapacity: 15,
  recordCapacity: 16,
  fingersFree: 17,
  usersFree: 18,
  recordsFree: 19,
} as const

const FINGER_CAPACITY = 3_000

export function countSizes(parts: { settings: Settings; users: UserTable; records: number }): Uint32Array {
  const { settings, users, records } = parts
  const fingers = Math.min(users.count, FINGER_CAPACITY)
  const words = new Uint32Array(WORDS)
  words[WORD.users] = users.count
  words[WORD.fingers] = fingers
  words[WORD.administrators] = users.administrators
  words[WORD.fingerCapacity] = FINGER_CAPACITY
  words[WORD.userCapacity] = settings.userCapacity
  words[WORD.recordCapacity] = settings.capacity
  words[WORD.fingersFree] = FINGER_CAPACITY - fingers
  words[WORD.usersFree] = Math.max(settings.userCapacity - users.count, 0)
  setRecordCount(words, { settings, records })
  return words
}

/** Changes the number of records that the counters tell, and what is left of the capacity with it. */
export function setRecordCount(words: Uint32Array, parts: { settings: Settings; records: number }): void {
  words[WORD.records] = parts.records
  setFreeRecords(words, parts.settings.capacity - parts.records)
}

export function setFreeRecords(words: Uint32Array, free: number): void {
  words[WORD.recordsFree] = Math.max(free, 0)
}

export function recordCountOf(words: Uint32Array): number {
  return words[WORD.records] ?? 0
}
