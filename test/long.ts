/**
 * Whether the long version of a test was asked for. The short one is a spread of its cases, so that all tests together stay within
 * what somebody waits for; one line says what was left out.
 */
export function isLong(leftOut: string): boolean {
  if (process.env.ROLLCALL_LONG === '1') return true
  console.warn(`skipped: ${leftOut} (npm run test:long has all of it)`)
  return false
}
