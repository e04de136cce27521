import type { Random } from '../base/random.ts'

/** A full log reaches back two years at most, and one punch every five minutes is busy enough for a short one. */
const SPAN_SECONDS_MAX = 63_000_000
const STEP_SECONDS_MAX = 300

/** `count` rising local times, each in a second of its own, the last one right before `untilMs`. */
export function* fillTimes(options: { count: number; untilMs: number; random: Random }): Generator<number> {
  const { count, untilMs, random } = options
  const step = Math.max(1, Math.min(STEP_SECONDS_MAX, Math.floor(SPAN_SECONDS_MAX / Math.max(count, 1))))
  const lastSecond = Math.floor(untilMs / 1000)
  for (let index = 0; index < count; index++) {
    const second = lastSecond - (count - index) * step + random.int(0, step - 1)
    yield second * 1000
  }
}
