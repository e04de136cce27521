import { Tooltip, useDirection } from '@mantine/core'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { exactText } from '../texts/moments.ts'
import { useLanguage } from '../texts/texts.tsx'
import { type Beat, beatAt, countRuns } from './run-counts.ts'
import type { Tone } from './state-pill.tsx'

const WIDTH = 4
const STEP = 5
const HEIGHT = 18

/** What went wrong is taller: states differ without their colours, too. */
const LOOKS: Readonly<Record<Beat['state'], { tone: Tone; height: number }>> = {
  ok: { tone: 'ok', height: 10 },
  failed: { tone: 'bad', height: HEIGHT },
  interrupted: { tone: 'warn', height: 14 },
  running: { tone: 'new', height: 5 },
}

/**
 * The last runs of a device, the newest at the end. What each was stands in a tooltip: the pointer chooses it, and so do the arrow keys.
 * One picture and one tooltip for all of them, since a fleet has thousands.
 */
export function Beats({ beats }: { beats: readonly Beat[] }) {
  const { language, texts } = useLanguage()
  const words = texts.devices.beats
  const { dir } = useDirection()
  const picture = useRef<HTMLSpanElement>(null)
  const [shown, setShown] = useState<number | null>(null)
  if (beats.length === 0) return <span className="quiet">{words.none}</span>
  const point = (event: PointerEvent<HTMLSpanElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / box.width
    setShown(beatAt(dir === 'ltr' ? share : 1 - share, beats.length))
  }
  const go = (event: KeyboardEvent) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (way === 0) return
    event.preventDefault()
    const step = dir === 'ltr' ? way : -way
    setShown(before => Math.min(Math.max((before ?? beats.length - 1) + step, 0), beats.length - 1))
  }
  const beat = shown === null ? undefined : beats[shown]
  return (
    <>
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: what each run was must be reached by keyboard, too */}
      <span
        ref={picture}
        className="beats"
        role="img"
        tabIndex={0}
        aria-label={summaryOf(beats, words)}
        onPointerMove={point}
        onPointerLeave={() => setShown(null)}
        onFocus={() => setShown(beats.length - 1)}
        onBlur={() => setShown(null)}
        onKeyDown={go}
      >
        {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: as above */}
        <Picture beats={beats} dir={dir} />
      </span>
      {beat === undefined ? null : <Tooltip target={picture} opened label={labelOf(beat, words, language)} />}
    </>
  )
}

function Picture({ beats, dir }: { beats: readonly Beat[]; dir: 'ltr' | 'rtl' }) {
  const width = beats.length * STEP
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
      {beats.map(({ run_id, state }, index) => {
        const { tone, height } = LOOKS[state]
        const x = (dir === 'ltr' ? index : beats.length - 1 - index) * STEP
        const y = (HEIGHT - height) / 2
        return <rect key={run_id} data-tone={tone} x={x} y={y} width={WIDTH} height={height} rx={1.5} />
      })}
    </svg>
  )
}

type Words = ReturnType<typeof useLanguage>['texts']['devices']['beats']

function summaryOf(beats: readonly Beat[], words: Words): string {
  const counts = countRuns(beats)
  const parts = (['ok', 'failed', 'interrupted', 'running'] as const)
    .filter(state => counts[state] > 0)
    .map(state => words.counts[state](counts[state]))
  return words.summary(beats.length, [...parts, words.inserted(counts.inserted)].join(', '))
}

function labelOf({ started_at, state, inserted, error_code }: Beat, words: Words, language: string): string {
  const parts = [exactText(language, Date.parse(started_at)), words.states[state]]
  if (error_code !== null) parts.push(error_code)
  return [...parts, words.inserted(inserted)].join(' · ')
}
