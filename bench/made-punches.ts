import { seededRandom } from '../src/base/random.ts'
import type { ZonedPunch } from '../src/model/punch.ts'

/** The punches of one device with 500 users, in order of time and no two alike; the same in every run. */
export function madePunches(count: number): ZonedPunch[] {
  const random = seededRandom(1)
  let ms = Date.UTC(2025, 0, 1)
  return Array.from({ length: count }, () => {
    ms += random.int(1, 60) * 1000
    return {
      userId: String(random.int(1, 500)),
      localTime: new Date(ms).toISOString().slice(0, 19).replace('T', ' '),
      punchState: random.int(0, 1),
      verifyMode: 1,
      workCode: 0,
      layout: '40',
      raw: random.bytes(40),
      punchedAtMs: ms,
      timeNote: null,
    }
  })
}
