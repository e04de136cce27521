import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { VirtualDevice } from './device.ts'
import type { VirtualPunch } from './record-draft.ts'
import type { VirtualUser } from './users.ts'

export interface PunchSchedule {
  readonly devices: readonly VirtualDevice[]
  readonly clock: Clock
  readonly random: Random
  /** The mean pause between two punches, all devices together. */
  readonly everyMs: number
  /** Called for each punch that was stored. */
  readonly onPunch?: ((made: { device: VirtualDevice; user: VirtualUser; punch: VirtualPunch }) => void) | undefined
}

/** Finger, card, face and password, as often as people use them. */
const VERIFY_MODES = [1, 1, 1, 1, 2, 15, 15, 0] as const

/** In before noon, out after it, with a break now and then. */
const STATES = { morning: [0, 0, 0, 0, 2], afternoon: [1, 1, 1, 1, 3] } as const
const NOON_MS = 43_200_000
const DAY_MS = 86_400_000

/** People punch at random, on a random device, until the schedule is disposed of. */
export function schedulePunches(schedule: PunchSchedule): Disposable {
  const { clock, random, everyMs } = schedule
  let timer: Disposable | null = null
  const next = (): void => {
    // Between a half and one and a half of the mean: people are neither a metronome nor a crowd.
    const pauseMs = everyMs * (0.5 + random.float())
    timer = clock.after(pauseMs, () => {
      next()
      punchSomewhere(schedule)
    })
  }
  next()
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() }
}

function punchSomewhere({ devices, random, onPunch }: PunchSchedule): void {
  if (devices.length === 0) return
  const device = random.pick(devices)
  const people = device.users.list()
  if (people.length === 0) return
  const user = random.pick(people)
  const isMorning = device.time.localMs() % DAY_MS < NOON_MS
  const punchState = random.pick(isMorning ? STATES.morning : STATES.afternoon)
  const punch = device.punch({ userId: user.userId, verifyMode: random.pick(VERIFY_MODES), punchState })
  if (punch !== null) onPunch?.({ device, user, punch })
}
