import { Button, Group, MultiSelect, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { standingsQuery } from '../../api/resources.ts'
import { useNow } from '../../parts/moment.tsx'
import type { AttendanceSearch } from '../../search.ts'
import { useTexts } from '../../texts/texts.tsx'
import { boundsOf, SPANS, spanOf } from './filter-times.ts'
import { InstantInput } from './instant-input.tsx'

/** As many as the API takes. */
const DEVICES_MAX = 100

interface Chosen {
  readonly search: AttendanceSearch
  /** Undefined leaves a filter out. */
  readonly onChange: (
    changes: { readonly [name in keyof AttendanceSearch]?: AttendanceSearch[name] | undefined },
  ) => void
}

/** What is shown of the attendance logs. */
export function Filters({ search, onChange }: Chosen) {
  const { attendance } = useTexts()
  return (
    <Stack component="section" className="surface" p="md" gap="sm" aria-label={attendance.filters}>
      <Group gap="sm" align="end">
        <DeviceFilter search={search} onChange={onChange} />
        <UserFilter search={search} onChange={onChange} />
        <InstantInput
          label={attendance.from}
          edge="begin"
          value={search.since}
          onChoose={since => onChange({ since })}
        />
        <InstantInput
          label={attendance.until}
          edge="end"
          value={search.until}
          onChoose={until => onChange({ until })}
        />
      </Group>
      <SpanButtons search={search} onChange={onChange} />
    </Stack>
  )
}

function DeviceFilter({ search, onChange }: Chosen) {
  const { attendance } = useTexts()
  const { data: standings = [] } = useQuery(standingsQuery)
  const chosen = (search.device ?? []).map(String)
  return (
    <MultiSelect
      label={attendance.devices}
      {...(chosen.length === 0 ? { placeholder: attendance.allDevices } : {})}
      data={standings.map(({ device }) => ({ value: String(device.id), label: device.name }))}
      value={chosen}
      onChange={ids => onChange({ device: ids.length === 0 ? undefined : ids.map(Number) })}
      maxValues={DEVICES_MAX}
      searchable
      hidePickedOptions
      style={{ flex: '1 1 200px' }}
    />
  )
}

/** Chosen by Enter or by leaving it: each letter of a user id would be that of somebody else. */
function UserFilter({ search, onChange }: Chosen) {
  const { attendance } = useTexts()
  const [typed, setTyped] = useState(search.user ?? '')
  const [filtered, setFiltered] = useState(search.user)
  // Chosen elsewhere, such as by Back.
  if (search.user !== filtered) {
    setFiltered(search.user)
    setTyped(search.user ?? '')
  }
  const choose = () => {
    const user = typed.trim()
    if (user !== (search.user ?? '')) onChange({ user: user === '' ? undefined : user })
  }
  return (
    <TextInput
      label={attendance.person}
      placeholder={attendance.personHint}
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      onBlur={choose}
      onKeyDown={event => {
        if (event.key === 'Enter') choose()
      }}
      maxLength={100}
      autoComplete="off"
      style={{ flex: '1 1 160px' }}
    />
  )
}

function SpanButtons({ search, onChange }: Chosen) {
  const { attendance } = useTexts()
  const now = useNow()
  const chosen = spanOf(search, now)
  const isAnything = search.device ?? search.user ?? search.since ?? search.until
  return (
    <Group gap="xs" role="group" aria-label={attendance.span}>
      {SPANS.map(span => (
        <Button
          key={span}
          size="xs"
          variant={chosen === span ? 'filled' : 'default'}
          aria-pressed={chosen === span}
          // With the clock of this moment: that of the page may be some seconds behind midnight.
          onClick={() => onChange({ since: undefined, until: undefined, ...boundsOf(span, Date.now()) })}
        >
          {attendance.spans[span]}
        </Button>
      ))}
      {isAnything === undefined ? null : (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => onChange({ device: undefined, user: undefined, since: undefined, until: undefined })}
        >
          {attendance.clear}
        </Button>
      )}
    </Group>
  )
}
