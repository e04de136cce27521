import { Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { overviewQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Read } from '../parts/states.tsx'
import { useTexts } from '../texts/texts.tsx'
import { AttentionList } from './overview/attention-list.tsx'
import { CountTiles } from './overview/count-tiles.tsx'
import { HoursChart } from './overview/hours-chart.tsx'
import { LiveTail } from './overview/live-tail.tsx'

/** The fleet at a glance: how many devices stand how, which need somebody, and what comes in now. */
export function OverviewPage() {
  const { shell } = useTexts()
  const overview = useQuery(overviewQuery)
  return (
    <Page title={shell.pages.overview}>
      <Read query={overview} rows={8}>
        {data =>
          data.devices.all === 0 ? (
            <FirstDevice />
          ) : (
            <Stack gap="md">
              <CountTiles overview={data} />
              <AttentionList />
              <HoursChart today={data.today} />
              <LiveTail />
            </Stack>
          )
        }
      </Read>
    </Page>
  )
}

function FirstDevice() {
  const { empty } = useTexts().overview
  const isAdmin = useIsAdmin()
  return (
    <div className="surface">
      <Empty
        title={empty.title}
        action={
          isAdmin ? (
            <Button component={Link} {...{ to: '/devices/new' }} mt="xs">
              {empty.add}
            </Button>
          ) : null
        }
      >
        {isAdmin ? empty.text : empty.viewer}
      </Empty>
    </div>
  )
}
