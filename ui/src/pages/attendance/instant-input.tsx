import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { inputText, instantFrom } from './filter-times.ts'

/** Date and time, chosen as soon as both are typed to their end; left empty, there is no bound. */
export function InstantInput({
  label,
  edge,
  value,
  onChoose,
}: {
  label: string
  edge: 'begin' | 'end'
  value: string | undefined
  onChoose: (instant: string | undefined) => void
}) {
  const [draft, setDraft] = useState<string | null>(null)
  const type = (text: string) => {
    setDraft(text)
    const instant = instantFrom(text, edge)
    if (instant !== null) onChoose(instant)
  }
  // Browsers say '' for what is half typed, too: only whoever leaves it so wants no bound.
  const leave = () => {
    if (draft === '') onChoose(undefined)
    setDraft(null)
  }
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={draft ?? inputText(value)}
      onChange={event => type(event.currentTarget.value)}
      onBlur={leave}
      style={{ flex: '1 1 190px' }}
    />
  )
}
