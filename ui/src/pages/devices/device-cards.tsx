import { Checkbox, Group, Stack, Text } from '@mantine/core'
import { memo } from 'react'
import type { DeviceStandingJson } from '../../api/types.ts'
import { Beats } from '../../parts/beats.tsx'
import { Moment } from '../../parts/moment.tsx'
import { StatePill } from '../../parts/state-pill.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { DeviceName } from './device-table.tsx'
import { Drift, isClockWrong, isNearlyFull, MemoryBar } from './figures.tsx'
import type { Selection } from './selection.ts'

/** The devices where a table has no room. Memory and clock are told where they need somebody. */
export function DeviceCards({
  shown,
  count,
  selection,
}: {
  shown: readonly DeviceStandingJson[]
  /** Of all that fit, also those further down that are not drawn yet. */
  count: number
  selection: Selection | null
}) {
  const { devices } = useTexts()
  return (
    <Stack component="ul" gap={0} className="plain-list device-cards data" aria-label={devices.table}>
      {selection === null ? null : (
        <li>
          <Checkbox {...selection.all} label={devices.select.all(count)} />
        </li>
      )}
      {shown.map(standing => (
        <Card
          key={standing.device.id}
          standing={standing}
          isSelected={selection?.has(standing.device.id) ?? false}
          onSelect={selection?.toggle ?? null}
        />
      ))}
    </Stack>
  )
}

interface CardProps {
  standing: DeviceStandingJson
  isSelected: boolean
  onSelect: ((id: number) => void) | null
}

const Card = memo(function Card({ standing, isSelected, onSelect }: CardProps) {
  const { devices } = useTexts()
  const { columns } = devices
  const { device, state, beats, last_punch_at, last_contact_at, memory, drift_s } = standing
  return (
    <li>
      <Group gap="sm" wrap="nowrap" align="start" justify="space-between">
        {onSelect === null ? null : (
          <Checkbox
            mt={3}
            checked={isSelected}
            onChange={() => onSelect(device.id)}
            aria-label={devices.select.one(device.name)}
          />
        )}
        <div style={{ flex: 1, minInlineSize: 0 }}>
          <DeviceName standing={standing} />
        </div>
        <Stack gap={6} align="end">
          <StatePill state={state} />
          <Beats beats={beats} />
        </Stack>
      </Group>
      <Group gap={0} fz="xs" c="dimmed" justify="space-between" style={{ columnGap: 'var(--mantine-spacing-sm)' }}>
        <span>
          {columns.last_punch}: <Moment at={last_punch_at} />
        </span>
        <span>
          {columns.last_contact}: <Moment at={last_contact_at} />
        </span>
      </Group>
      {isNearlyFull(memory) ? (
        <Group gap="xs" align="start">
          <Text size="sm">{columns.memory}:</Text> <MemoryBar memory={memory} />
        </Group>
      ) : null}
      {isClockWrong(drift_s) ? (
        <Text size="sm">
          {columns.drift}: <Drift drift={drift_s} />
        </Text>
      ) : null}
    </li>
  )
})
