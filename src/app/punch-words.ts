/** What the numbers of a punch mean to people. Rows, JSON and exports keep the number; words are for reading alone. */

const PUNCH_STATES: Readonly<Record<number, string>> = {
  0: 'in',
  1: 'out',
  2: 'break out',
  3: 'break in',
  4: 'overtime in',
  5: 'overtime out',
  255: 'none',
}

const VERIFY_MODES: Readonly<Record<number, string>> = { 0: 'password', 1: 'finger', 2: 'card', 15: 'face' }

/** `in`, `out`, ... A number that a device's administrator has given a meaning of its own stays `state 7`. */
export function punchStateWord(punchState: number): string {
  return PUNCH_STATES[punchState] ?? `state ${punchState}`
}

/** `finger`, `face`, ... or `mode 25`, since firmwares differ in the rarer numbers. */
export function verifyModeWord(verifyMode: number): string {
  return VERIFY_MODES[verifyMode] ?? `mode ${verifyMode}`
}
