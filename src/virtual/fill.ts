import type { Random } from '../base/random.ts'

/** A full log reaches back two years at most, and one punch every five minutes is busy enough for a short one. */
const SPAN_SECONDS_MAX = 63_000_000
const STEP_SECONDS_MAX = 300

/**
 * `count` rising local times, the last one right before `untilMs` and none before `sinceMs`. Each has a second of its
 * own, if there are so many seconds.
 */
export function* fillTimes(options: {
  count: number
  sinceMs: number
  untilMs: number
  random: Random
}): Generator<number> {
  const { count, sinceMs, untilMs, random } = options
  const seconds = Math.min(SPAN_SECONDS_MAX, Math.floor((untilMs - sinceMs) / 1000))
  const step = Math.max(0, Math.min(STEP_SECONDS_MAX, Math.floor(seconds / Math.max(count, 1))))
  const lastSecond = Math.floor(untilMs / 1000)
  for (let index = 0; index < count; index++) {
    const second = lastSecond - (count - index) * step + random.int(0, Math.max(step - 1, 0))
    yield second * 1000
  }
}
