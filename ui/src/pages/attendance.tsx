import { Button, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useLocation, useRouter } from '@tanstack/react-router'
import { browserZone, logsQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import { LogTable } from '../parts/log-table.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Read } from '../parts/states.tsx'
import { attendanceSearch } from '../search.ts'
import { useTexts } from '../texts/texts.tsx'
import { ExplanationDrawer } from './attendance/explanation-drawer.tsx'
import { ExportMenu } from './attendance/export-menu.tsx'
import { Filters } from './attendance/filters.tsx'
import { filterOf, isFiltered } from './attendance/log-filter.ts'

const route = getRouteApi('/frame/attendance')

/** All attendance logs, filtered by the address, and the explanation of one. */
export function AttendancePage() {
  const { attendance } = useTexts()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const filter = filterOf(search)
  const list = useInfiniteQuery(logsQuery(filter))
  const { state } = useLocation()
  const { history } = useRouter()
  const change = (changes: object) =>
    void navigate({ search: before => attendanceSearch({ ...before, ...changes }), replace: true, resetScroll: false })
  const close = () => (state.isBeside ? history.back() : change({ explain: undefined }))
  return (
    <Page title={attendance.title} actions={<ExportMenu filter={filter} />}>
      <Filters search={search} onChange={change} />
      <section className="surface" aria-label={attendance.caption}>
        <Text size="sm" c="dimmed" px="md" pt="md" pb="xs">
          {attendance.order(browserZone())}
        </Text>
        <Read query={list} rows={10}>
          {({ pages }) => {
            const logs = pages.flatMap(page => page.data)
            if (logs.length === 0) return <NoLogs isFiltered={isFiltered(filter)} />
            return (
              <>
                {/* Other filters bring other rows, of which none is new. */}
                <LogTable key={JSON.stringify(filter)} logs={logs} caption={attendance.caption} />
                <MoreRows list={list} count={logs.length} />
              </>
            )
          }}
        </Read>
      </section>
      <ExplanationDrawer logId={search.explain} onClose={close} />
    </Page>
  )
}

function NoLogs({ isFiltered }: { isFiltered: boolean }) {
  const { none, noMatch } = useTexts().attendance
  const isAdmin = useIsAdmin()
  if (isFiltered) return <Empty title={noMatch.title}>{noMatch.text}</Empty>
  return (
    <Empty
      title={none.title}
      action={
        isAdmin ? (
          <Button component={Link} {...{ to: '/devices/new' }} variant="default">
            {none.action}
          </Button>
        ) : null
      }
    >
      {isAdmin ? none.text : none.viewer}
    </Empty>
  )
}
