import { ActionIcon, Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import type { DeviceStandingJson } from '../../api/types.ts'
import { SortIcon } from '../../parts/icons.tsx'
import { TONES } from '../../parts/state-pill.tsx'
import { DEVICE_SORTS, type DevicesSearch, devicesSearch } from '../../search.ts'
import { useLanguage } from '../../texts/texts.tsx'
import { sortedBy, tagsOfAll } from './fleet-view.ts'

const TYPING_MS = 200

/** What is shown of the fleet, and on a phone in which order. */
export function DeviceFilters({
  standings,
  search,
  onSearch,
}: {
  standings: readonly DeviceStandingJson[]
  search: DevicesSearch
  onSearch: (search: DevicesSearch) => void
}) {
  const { language, texts } = useLanguage()
  const { filters } = texts.devices
  const tags = tagsOfAll(standings, language)
  const setFilter = (name: 'state' | 'tag', value: string) => onSearch(devicesSearch({ ...search, [name]: value }))
  return (
    <Group component="search" gap="sm" align="end" aria-label={filters.label}>
      <SearchBox search={search} onSearch={onSearch} />
      <NativeSelect
        size="sm"
        label={filters.state}
        value={search.state ?? ''}
        onChange={event => setFilter('state', event.currentTarget.value)}
        data={[
          { value: '', label: filters.anyState },
          ...Object.keys(TONES).map(state => ({
            value: state,
            label: texts.shell.states[state as keyof typeof TONES],
          })),
        ]}
      />
      {tags.length === 0 && search.tag === undefined ? null : (
        <NativeSelect
          size="sm"
          label={filters.tag}
          value={search.tag ?? ''}
          onChange={event => setFilter('tag', event.currentTarget.value)}
          data={[{ value: '', label: filters.anyTag }, ...new Set([...tags, ...[search.tag ?? []].flat()])]}
        />
      )}
      <PhoneSort search={search} onSearch={onSearch} />
    </Group>
  )
}

interface FilterProps {
  search: DevicesSearch
  onSearch: (search: DevicesSearch) => void
}

/** The address follows what is typed, and what is typed follows the address where that has changed by itself. */
function SearchBox({ search, onSearch }: FilterProps) {
  const { filters } = useLanguage().texts.devices
  const { q = '' } = search
  const [text, setText] = useState(q)
  const written = useRef(q)
  const write = useDebouncedCallback((typed: string) => {
    written.current = typed
    onSearch(devicesSearch({ ...search, q: typed }))
  }, TYPING_MS)
  useEffect(() => {
    if (q === written.current) return
    written.current = q
    setText(q)
  }, [q])
  return (
    <TextInput
      type="search"
      size="sm"
      label={filters.search}
      placeholder={filters.searchHint}
      value={text}
      onChange={event => {
        setText(event.currentTarget.value)
        write(event.currentTarget.value.trim())
      }}
      style={{ flex: '1 1 14rem', maxInlineSize: '24rem' }}
    />
  )
}

/** Cards have no headers to click on. */
function PhoneSort({ search, onSearch }: FilterProps) {
  const { filters, columns } = useLanguage().texts.devices
  return (
    <Group gap="xs" align="end" hiddenFrom="sm" wrap="nowrap">
      <NativeSelect
        size="sm"
        label={filters.sort}
        value={search.sort ?? 'name'}
        onChange={event => onSearch(devicesSearch({ ...search, sort: event.currentTarget.value, down: undefined }))}
        data={DEVICE_SORTS.map(sort => ({ value: sort, label: columns[sort] }))}
      />
      <ActionIcon
        variant="default"
        size="input-sm"
        aria-label={filters.turn}
        aria-pressed={search.down === true}
        onClick={() => onSearch(sortedBy(search, search.sort ?? 'name'))}
      >
        <SortIcon />
      </ActionIcon>
    </Group>
  )
}
