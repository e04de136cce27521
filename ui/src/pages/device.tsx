import './device/device.css'
import { Button, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { ApiProblem } from '../api/client.ts'
import { loadPart } from '../api/load-part.ts'
import { deviceQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import type { DeviceDetailJson } from '../api/types.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Loading, Problem, Read } from '../parts/states.tsx'
import { DEVICE_TABS } from '../search.ts'
import { useTexts } from '../texts/texts.tsx'
import { DeviceActions, useDeviceActions } from './device/actions.tsx'
import { ClockSeries } from './device/clock-series.tsx'
import { CoverageView } from './device/coverage-view.tsx'
import { PeopleOnDevice } from './device/people.tsx'
import { RecentLogs } from './device/recent-logs.tsx'
import { Runs } from './device/runs.tsx'
import { SavedDeviceTest } from './device/saved-device-test.tsx'
import { Standing } from './device/standing.tsx'

/** Its fields are as large as the rest of the page, and few look at them. */
const SettingsView = lazy(() =>
  loadPart(() => import('./device/settings-view.tsx')).then(({ SettingsView: component }) => ({ default: component })),
)

const route = getRouteApi('/frame/devices/$deviceId')

/** One device: how it stands, its newest punches, and everything that explains the two. */
export function DevicePage() {
  const { deviceId } = route.useParams()
  const isId = /^[1-9]\d{0,14}$/.test(deviceId)
  return isId ? <KnownDevice key={deviceId} id={Number(deviceId)} /> : <NoSuchDevice />
}

function KnownDevice({ id }: { id: number }) {
  const { device: words } = useTexts()
  const query = useQuery(deviceQuery(id))
  const { data, error } = query
  // Also where somebody has removed it while it was looked at.
  if (error instanceof ApiProblem && error.status === 404) return <NoSuchDevice />
  if (data !== undefined) return <Device detail={data} problem={error} retry={() => void query.refetch()} />
  return (
    <Page title={words.title}>
      <Read query={query} rows={8}>
        {() => null}
      </Read>
    </Page>
  )
}

function NoSuchDevice() {
  const { device: words } = useTexts()
  return (
    <Page title={words.missing.title}>
      <div className="surface">
        <Empty
          title={words.missing.lead}
          action={
            <Button component={Link} {...{ to: '/devices' }} variant="default">
              {words.missing.back}
            </Button>
          }
        >
          {words.missing.text}
        </Empty>
      </div>
    </Page>
  )
}

function Device({ detail, problem, retry }: { detail: DeviceDetailJson; problem: unknown; retry: () => void }) {
  const { shell } = useTexts()
  const isAdmin = useIsAdmin()
  const [isTested, setTested] = useState(false)
  const actions = useDeviceActions(detail)
  const { name, id } = detail.device
  return (
    <Page
      title={name}
      actions={isAdmin ? <DeviceActions detail={detail} actions={actions} onTest={() => setTested(true)} /> : undefined}
    >
      {problem === null ? null : <Problem error={problem} onRetry={retry} />}
      {actions.problem === null ? null : <Problem error={actions.problem} title={shell.problem.refused} />}
      {isAdmin ? null : (
        <Text size="sm" c="dimmed">
          {shell.viewerOnly}
        </Text>
      )}
      <Standing detail={detail} />
      {isTested ? <SavedDeviceTest id={id} onClose={() => setTested(false)} /> : null}
      <Sections detail={detail} />
    </Page>
  )
}

/** What is open stands in the address. Only what is open is read. */
function Sections({ detail }: { detail: DeviceDetailJson }) {
  const { device: words } = useTexts()
  const { tab = 'logs' } = route.useSearch()
  const navigate = useNavigate()
  const { device } = detail
  const choose = (wanted: string | null) => {
    const next = DEVICE_TABS.find(one => one === wanted)
    void navigate({
      to: '/devices/$deviceId',
      params: { deviceId: String(device.id) },
      search: next === undefined || next === 'logs' ? {} : { tab: next },
      replace: true,
      resetScroll: false,
    })
  }
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false} className="surface">
      <Tabs.List aria-label={words.sections}>
        {DEVICE_TABS.map(one => (
          <Tabs.Tab key={one} value={one}>
            {words.tabs[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Stack p={{ base: 'xs', sm: 'md' }}>
        <Tabs.Panel value="logs">
          <RecentLogs device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <Runs device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          <CoverageView coverage={detail.coverage} />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PeopleOnDevice device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="clock">
          <ClockSeries device={device} words={detail.words.clock} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Suspense fallback={<Loading rows={8} />}>
            <SettingsView detail={detail} />
          </Suspense>
        </Tabs.Panel>
      </Stack>
    </Tabs>
  )
}
