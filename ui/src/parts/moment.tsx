import { Tooltip } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { agoText, exactText } from '../texts/moments.ts'
import { useLanguage } from '../texts/texts.tsx'

const TICK_MS = 5_000

/** One timer for all moments of a page. */
const ticker = {
  now: Date.now(),
  listeners: new Set<() => void>(),
  timer: undefined as ReturnType<typeof setInterval> | undefined,
}

function watch(listener: () => void): () => void {
  ticker.listeners.add(listener)
  ticker.timer ??= setInterval(() => {
    ticker.now = Date.now()
    for (const one of ticker.listeners) one()
  }, TICK_MS)
  return () => {
    ticker.listeners.delete(listener)
    if (ticker.listeners.size > 0) return
    clearInterval(ticker.timer)
    ticker.timer = undefined
  }
}

/** Now, to some seconds. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => Math.max(ticker.now, 0))
}

/** An instant in words that go on by themselves; exact on hover, on focus and for machines. */
export function Moment({ at }: { at: string | null }) {
  const { language, texts } = useLanguage()
  const now = useNow()
  if (at === null) return <span>{texts.shell.ago.never}</span>
  const atMs = Date.parse(at)
  // Something that happened after the last tick has not happened in the future.
  const words = agoText(language, Math.min(atMs, Math.max(now, atMs)), Math.max(now, atMs)) ?? texts.shell.ago.justNow
  return (
    <Tooltip label={exactText(language, atMs)} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time must be reached by keyboard, too */}
      <time dateTime={at} tabIndex={0}>
        {words}
      </time>
    </Tooltip>
  )
}
