import { Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useRef, useSyncExternalStore } from 'react'
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

/**
 * An instant in words that go on by themselves; exact on hover, on focus and for machines. A page has a thousand of them: one is drawn
 * again when its words change, and has a tooltip while that is looked at.
 */
export function Moment({ at }: { at: string | null }) {
  const { language, texts } = useLanguage()
  const atMs = at === null ? null : Date.parse(at)
  const words = useSyncExternalStore(watch, () => wordsOf(atMs, language)) ?? texts.shell.ago.justNow
  const time = useRef<HTMLTimeElement>(null)
  const [isLookedAt, look] = useDisclosure(false)
  if (at === null || atMs === null) return <span>{texts.shell.ago.never}</span>
  return (
    <>
      <time
        ref={time}
        dateTime={at}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time must be reached by keyboard, too
        tabIndex={0}
        onPointerEnter={look.open}
        onPointerLeave={look.close}
        onFocus={look.open}
        onBlur={look.close}
      >
        {words}
      </time>
      {isLookedAt ? <Tooltip target={time} opened label={exactText(language, atMs)} /> : null}
    </>
  )
}

function wordsOf(atMs: number | null, language: string): string | null {
  // Something that happened after the last tick has not happened in the future.
  return atMs === null ? null : agoText(language, atMs, Math.max(ticker.now, atMs))
}
