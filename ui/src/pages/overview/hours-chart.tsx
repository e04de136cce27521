import { Group, Text, useDirection, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { OverviewJson } from '../../api/types.ts'
import { useNow } from '../../parts/moment.tsx'
import { Section } from '../../parts/page.tsx'
import { useLanguage } from '../../texts/texts.tsx'
import { barByKey, barsOf, type HourBar, isNamed } from './hours.ts'

/** The punches of this day, hour by hour. It grows as they come in. */
export function HoursChart({ today }: { today: OverviewJson['today'] }) {
  const { language, texts } = useLanguage()
  const words = texts.overview.today
  const now = useNow()
  const [lookedAt, setLookedAt] = useState<number | null>(null)
  const bars = barsOf(today, now)
  const hourText = useHourText(today.timezone)
  const day = `${new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' }).format(Date.parse(today.date))} · ${today.timezone}`
  const bar = lookedAt === null ? undefined : bars[lookedAt]
  return (
    <Section title={words.title}>
      <Group justify="space-between" gap="xs" className="data">
        <Text fw={600} className="number">
          {words.total(today.punches)}
        </Text>
        <Text size="sm" c="dimmed">
          {bar === undefined ? day : words.bar(hourText(bar.from), words.total(bar.punches))}
        </Text>
      </Group>
      <Bars bars={bars} lookedAt={lookedAt} onLook={setLookedAt} hourText={hourText} />
      <VisuallyHidden>
        <HoursTable bars={bars} caption={words.table(day)} hourText={hourText} />
      </VisuallyHidden>
    </Section>
  )
}

function useHourText(timeZone: string): (from: string) => string {
  const { language } = useLanguage()
  const format = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone })
  return from => format.format(Date.parse(from))
}

interface BarsProps {
  bars: readonly HourBar[]
  lookedAt: number | null
  onLook: (index: number | null) => void
  hourText: (from: string) => string
}

/** One stop for the Tab key: the arrow keys go on from hour to hour. */
function Bars({ bars, lookedAt, onLook, hourText }: BarsProps) {
  const words = useLanguage().texts.overview.today
  const { dir } = useDirection()
  const row = useRef<HTMLDivElement>(null)
  const newest = bars.findLastIndex(({ when }) => when !== 'to-come')
  const stop = lookedAt ?? newest
  const goByKey = (event: KeyboardEvent) => {
    const to = barByKey(event.key, stop, newest, dir)
    if (to === null) return
    event.preventDefault()
    row.current?.querySelectorAll('a')[to]?.focus()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a part of a form
    <div className="hours data" role="group" aria-label={words.bars} ref={row} onKeyDown={goByKey}>
      {bars.map((bar, index) => (
        <div key={bar.from} className="hour" data-when={bar.when}>
          {bar.when === 'to-come' ? (
            <span className="hour-track" />
          ) : (
            <Link
              to="/attendance"
              search={{ since: bar.from, until: bar.until }}
              className="hour-track"
              tabIndex={index === stop ? 0 : -1}
              aria-label={words.bar(hourText(bar.from), words.total(bar.punches))}
              onMouseEnter={() => onLook(index)}
              onMouseLeave={() => onLook(null)}
              onFocus={() => onLook(index)}
              onBlur={() => onLook(null)}
            >
              <span className="hour-bar" style={{ blockSize: `${bar.percent}%` }} />
            </Link>
          )}
          <span className="hour-name number" aria-hidden="true">
            {nameOf(bars, index, { now: words.now, hourText })}
          </span>
        </div>
      ))}
    </div>
  )
}

function nameOf(
  bars: readonly HourBar[],
  index: number,
  { now, hourText }: { now: string; hourText: BarsProps['hourText'] },
): string {
  const bar = bars[index]
  if (bar === undefined || !isNamed(bars, index)) return ''
  return bar.when === 'now' ? now : hourText(bar.from)
}

function HoursTable({ bars, caption, hourText }: Pick<BarsProps, 'bars' | 'hourText'> & { caption: string }) {
  const { language, texts } = useLanguage()
  const words = texts.overview.today
  const numbers = new Intl.NumberFormat(language)
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{words.hour}</th>
          <th scope="col">{words.punches}</th>
        </tr>
      </thead>
      <tbody>
        {bars
          .filter(({ when }) => when !== 'to-come')
          .map(({ from, punches }) => (
            <tr key={from}>
              <th scope="row">{hourText(from)}</th>
              <td>{numbers.format(punches)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
