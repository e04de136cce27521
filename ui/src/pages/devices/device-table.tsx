import { Checkbox, Table, UnstyledButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { DeviceStandingJson } from '../../api/types.ts'
import { Beats } from '../../parts/beats.tsx'
import { Moment } from '../../parts/moment.tsx'
import { StatePill } from '../../parts/state-pill.tsx'
import type { DevicesSearch } from '../../search.ts'
import { useTexts } from '../../texts/texts.tsx'
import { Drift, MemoryBar, Records } from './figures.tsx'
import { type DeviceSort, sortedBy } from './fleet-view.ts'
import type { Selection } from './selection.ts'

/** A column of the table; what cannot be sorted has no `sort`. Narrow windows lose the later ones of a kind. */
const COLUMNS = [
  { name: 'name', sort: 'name' },
  { name: 'state', sort: 'state' },
  { name: 'beats', visibleFrom: 'md' },
  { name: 'last_punch', sort: 'last_punch' },
  { name: 'last_contact', sort: 'last_contact' },
  { name: 'records', sort: 'records', visibleFrom: 'lg' },
  { name: 'memory', sort: 'memory', visibleFrom: 'md' },
  { name: 'drift', sort: 'drift', visibleFrom: 'lg' },
] as const

export function DeviceTable({
  shown,
  count,
  search,
  onSort,
  selection,
}: {
  shown: readonly DeviceStandingJson[]
  /** Of all that fit, also those further down that are not drawn yet. */
  count: number
  search: DevicesSearch
  onSort: (search: DevicesSearch) => void
  /** Null where whoever looks may change nothing. */
  selection: Selection | null
}) {
  const { devices } = useTexts()
  return (
    <Table
      fz="sm"
      verticalSpacing={6}
      horizontalSpacing="xs"
      highlightOnHover
      className="data"
      aria-label={devices.table}
    >
      <Table.Thead>
        <Table.Tr>
          {selection === null ? null : (
            <Table.Th w={32}>
              <Checkbox size="xs" {...selection.all} aria-label={devices.select.all(count)} />
            </Table.Th>
          )}
          {COLUMNS.map(column => (
            <Header key={column.name} column={column} search={search} onSort={onSort} />
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.map(standing => (
          <Row
            key={standing.device.id}
            standing={standing}
            isSelected={selection?.has(standing.device.id) ?? false}
            onSelect={selection?.toggle ?? null}
          />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Header({
  column,
  search,
  onSort,
}: {
  column: (typeof COLUMNS)[number]
  search: DevicesSearch
  onSort: (search: DevicesSearch) => void
}) {
  const { columns } = useTexts().devices
  const hides = 'visibleFrom' in column ? { visibleFrom: column.visibleFrom } : {}
  if (!('sort' in column)) return <Table.Th {...hides}>{columns[column.name]}</Table.Th>
  const { sort } = column
  const order = orderOf(search, sort)
  return (
    <Table.Th aria-sort={order} {...hides}>
      <UnstyledButton fz="sm" fw={700} onClick={() => onSort(sortedBy(search, sort))} style={{ whiteSpace: 'nowrap' }}>
        {columns[sort]}
        <span aria-hidden="true">{{ none: '', ascending: ' ↑', descending: ' ↓' }[order]}</span>
      </UnstyledButton>
    </Table.Th>
  )
}

function orderOf({ sort = 'name', down }: DevicesSearch, column: DeviceSort): 'none' | 'ascending' | 'descending' {
  if (sort !== column) return 'none'
  return down === true ? 'descending' : 'ascending'
}

interface RowProps {
  standing: DeviceStandingJson
  isSelected: boolean
  onSelect: ((id: number) => void) | null
}

/** Drawn again when its device has changed, not when another one has. */
const Row = memo(function Row({ standing, isSelected, onSelect }: RowProps) {
  const { devices } = useTexts()
  const { device, state, beats, last_punch_at, last_contact_at, memory, drift_s } = standing
  return (
    <Table.Tr aria-selected={onSelect === null ? undefined : isSelected}>
      {onSelect === null ? null : (
        <Table.Td>
          <Checkbox
            size="xs"
            checked={isSelected}
            onChange={() => onSelect(device.id)}
            aria-label={devices.select.one(device.name)}
          />
        </Table.Td>
      )}
      <Table.Td miw="10rem">
        <DeviceName standing={standing} />
      </Table.Td>
      <Table.Td>
        <StatePill state={state} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Beats beats={beats} />
      </Table.Td>
      <Table.Td>
        <Moment at={last_punch_at} />
      </Table.Td>
      <Table.Td>
        <Moment at={last_contact_at} />
      </Table.Td>
      <Table.Td visibleFrom="lg">
        <Records memory={memory} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <MemoryBar memory={memory} />
      </Table.Td>
      <Table.Td visibleFrom="lg">
        <Drift drift={drift_s} />
      </Table.Td>
    </Table.Tr>
  )
})

/** What people call it, where it is, and its tags. */
export function DeviceName({ standing }: { standing: DeviceStandingJson }) {
  const { device } = standing
  return (
    <>
      <Link
        to="/devices/$deviceId"
        params={{ deviceId: String(device.id) }}
        preload={false}
        className="row-button said device-name"
      >
        {device.name}
      </Link>
      <span className="device-place">
        <bdi>
          {device.host}:{device.port}
        </bdi>
        {device.tags.map(tag => (
          <bdi key={tag} className="tag">
            {tag}
          </bdi>
        ))}
      </span>
    </>
  )
}
