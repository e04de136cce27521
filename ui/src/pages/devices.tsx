import { Button, Group, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { standingsQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import type { DeviceStandingJson } from '../api/types.ts'
import { PlusIcon } from '../parts/icons.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Read } from '../parts/states.tsx'
import type { DevicesSearch } from '../search.ts'
import { useLanguage, useTexts } from '../texts/texts.tsx'
import { DeviceCards } from './devices/device-cards.tsx'
import { DeviceTable } from './devices/device-table.tsx'
import { DeviceFilters } from './devices/filters.tsx'
import { FleetActions } from './devices/fleet-actions.tsx'
import { fleetView } from './devices/fleet-view.ts'
import { MoreDevices, usePortion } from './devices/portion.tsx'
import { type Selection, useSelection } from './devices/selection.ts'

const route = getRouteApi('/frame/devices')

/** The breakpoint `sm`, from which a table has room. */
const TABLE_FROM = '(min-width: 48em)'

/** All devices, how each stands, and what can be done with several at once. */
export function DevicesPage() {
  const { devices, shell } = useTexts()
  const isAdmin = useIsAdmin()
  const standings = useQuery(standingsQuery)
  return (
    <Page title={shell.pages.devices} actions={isAdmin ? <AddDevice label={devices.add} /> : null}>
      <Read query={standings} rows={10}>
        {data => (data.length === 0 ? <NoDevices /> : <Fleet standings={data} />)}
      </Read>
    </Page>
  )
}

function AddDevice({ label }: { label: string }) {
  return (
    <Button component={Link} {...{ to: '/devices/new' }} leftSection={<PlusIcon />}>
      {label}
    </Button>
  )
}

function NoDevices() {
  const { empty, add } = useTexts().devices
  const isAdmin = useIsAdmin()
  return (
    <div className="surface">
      <Empty title={empty.title} action={isAdmin ? <AddDevice label={add} /> : null}>
        {isAdmin ? empty.text : empty.viewer}
      </Empty>
    </div>
  )
}

function Fleet({ standings }: { standings: readonly DeviceStandingJson[] }) {
  const { language, texts } = useLanguage()
  const { noneFits, filters } = texts.devices
  const search = route.useSearch()
  const navigate = useNavigate()
  const isAdmin = useIsAdmin()
  const hasRoom = useMediaQuery(TABLE_FROM, undefined, { getInitialValueInEffect: false })
  const onSearch = useCallback(
    (next: DevicesSearch) => void navigate({ to: '/devices', search: next, replace: true, resetScroll: false }),
    [navigate],
  )
  const shown = useMemo(() => fleetView(standings, search, language), [standings, search, language])
  const { part, more } = usePortion(shown)
  const chosen = useSelection(shown.map(({ device }) => device.id))
  const selection = isAdmin ? chosen : null
  return (
    <Stack gap="sm">
      <DeviceFilters standings={standings} search={search} onSearch={onSearch} />
      <FleetLine standings={standings} shown={shown} selection={selection} />
      <div className="surface" style={{ overflowX: 'auto' }}>
        {shown.length === 0 ? (
          <Empty
            title={noneFits.title}
            action={
              <Button variant="default" onClick={() => onSearch({})}>
                {filters.clear}
              </Button>
            }
          >
            {noneFits.text}
          </Empty>
        ) : hasRoom ? (
          <DeviceTable shown={part} count={shown.length} search={search} onSort={onSearch} selection={selection} />
        ) : (
          <DeviceCards shown={part} count={shown.length} selection={selection} />
        )}
        {part.length < shown.length ? <MoreDevices onMore={more} /> : null}
      </div>
    </Stack>
  )
}

/** One line in one place, so that nothing moves under the pointer when the first device is selected: how many, or what to do with them. */
function FleetLine({
  standings,
  shown,
  selection,
}: {
  standings: readonly DeviceStandingJson[]
  shown: readonly DeviceStandingJson[]
  selection: Selection | null
}) {
  const { devices, shell } = useTexts()
  const { count, countOf } = devices
  if (selection !== null && selection.ids.length > 0) {
    return (
      <Group className="fleet-line">
        <FleetActions selected={shown.filter(({ device }) => selection.has(device.id))} onClear={selection.clear} />
      </Group>
    )
  }
  const words = shown.length === standings.length ? count(standings.length) : countOf(shown.length, standings.length)
  return (
    <Group className="fleet-line" gap="xs">
      <Text size="sm" role="status">
        {words}
      </Text>
      {selection === null ? (
        <Text size="sm" c="dimmed">
          {shell.viewerOnly}
        </Text>
      ) : null}
    </Group>
  )
}
