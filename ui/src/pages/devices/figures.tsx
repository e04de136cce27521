import { Text, VisuallyHidden } from '@mantine/core'
import type { DeviceStandingJson } from '../../api/types.ts'
import { Pill } from '../../parts/state-pill.tsx'
import { numberText } from '../../texts/moments.ts'
import { useLanguage } from '../../texts/texts.tsx'
import { durationText } from './duration.ts'

/** From here on somebody should look at it. */
const PERCENT_WARN = 90
const DRIFT_WARN_S = 60

export function isNearlyFull({ percent_full }: DeviceStandingJson['memory']): boolean {
  return percent_full !== null && percent_full >= PERCENT_WARN
}

export function isClockWrong(drift: number | null): boolean {
  return drift !== null && Math.abs(drift) >= DRIFT_WARN_S
}

export function Records({ memory: { records } }: { memory: DeviceStandingJson['memory'] }) {
  const { language } = useLanguage()
  return records === null ? <NotKnown /> : <span className="number">{numberText(language, records)}</span>
}

/** How full the log of a device is: percent, a bar, and when it will be full where that is near. */
export function MemoryBar({ memory }: { memory: DeviceStandingJson['memory'] }) {
  const { language, texts } = useLanguage()
  const { percent_full, full_in_days } = memory
  if (percent_full === null) return <NotKnown />
  const isWarned = isNearlyFull(memory)
  const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(percent_full / 100)
  return (
    <span className="memory-cell">
      {isWarned ? <Pill tone="warn">{percent}</Pill> : <span className="number">{percent}</span>}
      <span className="memory" data-tone={isWarned ? 'warn' : 'idle'} aria-hidden="true">
        <span style={{ inlineSize: `${Math.min(percent_full, 100)}%` }} />
      </span>
      {isWarned && full_in_days !== null ? (
        <Text size="xs" c="dimmed" component="span">
          {full_in_days < 1 ? texts.devices.fullSoon : texts.devices.fullIn(full_in_days)}
        </Text>
      ) : null}
    </span>
  )
}

/** How wrong the clock of a device was when it was last read. */
export function Drift({ drift }: { drift: number | null }) {
  const { language, texts } = useLanguage()
  const { clock } = texts.devices
  if (drift === null) return <NotKnown />
  if (drift === 0) return <span>{clock.right}</span>
  const time = durationText(language, Math.abs(drift))
  const words = drift > 0 ? clock.ahead(time) : clock.behind(time)
  return isClockWrong(drift) ? <Pill tone="warn">{words}</Pill> : <span>{words}</span>
}

function NotKnown() {
  const { shell } = useLanguage().texts
  return (
    <span style={{ position: 'relative' }}>
      <span aria-hidden="true" className="quiet">
        –
      </span>
      <VisuallyHidden>{shell.unknown}</VisuallyHidden>
    </span>
  )
}
