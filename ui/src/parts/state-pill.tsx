import type { DeviceStandingJson } from '../api/types.ts'
import { useTexts } from '../texts/texts.tsx'

export type Tone = 'ok' | 'warn' | 'bad' | 'idle' | 'new'
export type DeviceState = DeviceStandingJson['state']

export const TONES: Readonly<Record<DeviceState, Tone>> = {
  online: 'ok',
  late: 'warn',
  down: 'bad',
  new: 'new',
  paused: 'idle',
}

/** A word with a coloured dot: the colour says nothing that the word does not. */
export function Pill({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className="pill" data-tone={tone}>
      <span className="dot" aria-hidden="true" />
      {children}
    </span>
  )
}

export function StatePill({ state }: { state: DeviceState }) {
  const { states } = useTexts().shell
  return <Pill tone={TONES[state]}>{states[state]}</Pill>
}
