import { isoMs, spanMs } from '../model/moment-text.ts'
import { usageError } from './arguments.ts'

/**
 * Parses the T of `--since T`, `--until T` and `--before T`: an age such as `90s`, `1m`, `2h`, `7d`, or an ISO date or time. A
 * time without an offset is in the zone of this machine. A date alone ends the day for `--until` and begins it for the others,
 * so that `--since 2026-11-01 --until 2026-11-30` is the whole month.
 *
 * @throws ConfigError `CONFIG_INVALID` naming the option.
 */
export function parseTimeArgument(
  text: string,
  context: { option: '--since' | '--until' | '--before'; nowMs: number; timezone: string },
): Date {
  const age = spanMs(text)
  if (age !== null) {
    const date = new Date(context.nowMs - age)
    if (date.getTime() >= 0) return date
    throw usageError(`${context.option} ${text} reaches further back than 1970, when no device kept a log.`)
  }
  const { option, timezone } = context
  const ms = isoMs(text.trim(), { edge: option === '--until' ? 'end' : 'begin', timezone })
  if (ms !== null) return new Date(ms)
  throw usageError(
    `${context.option} must be an age such as 1m, 2h or 7d, or a date or time such as 2026-11-22 or 2026-11-22T14:30, not "${text}".`,
  )
}
