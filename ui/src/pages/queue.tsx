import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useChange } from '../api/change.ts'
import { apiSend } from '../api/client.ts'
import { JOBS_STALE_MS, type JobState, jobsQuery, overviewQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import type { OverviewJson } from '../api/types.ts'
import { ConfirmButton } from '../parts/confirm-button.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Pill, type Tone } from '../parts/state-pill.tsx'
import { Empty, Problem, Read } from '../parts/states.tsx'
import { numberText } from '../texts/moments.ts'
import { useLanguage, useTexts } from '../texts/texts.tsx'
import { JobsTable } from './queue/jobs-table.tsx'

const route = getRouteApi('/frame/queue')

type Counts = NonNullable<OverviewJson['jobs']>

/** The jobs that workers share. */
export function QueuePage() {
  const { queue } = useTexts()
  const { state } = route.useSearch()
  const overview = useQuery({ ...overviewQuery, refetchInterval: JOBS_STALE_MS })
  return (
    <Page title={queue.title}>
      <Text c="dimmed">{queue.about}</Text>
      <Read query={overview}>
        {({ jobs }) => {
          // Who has chosen nothing sees what wants to be mended.
          const shown = state ?? (jobs !== null && jobs.failed > 0 ? 'failed' : 'waiting')
          return (
            <>
              <Tiles counts={jobs} shown={shown} />
              {jobs === null ? (
                <Empty title={queue.away.title}>{queue.away.text}</Empty>
              ) : (
                <Jobs state={shown} counts={jobs} />
              )}
            </>
          )
        }}
      </Read>
    </Page>
  )
}

const TONES: Readonly<Record<JobState, Tone>> = { waiting: 'idle', active: 'new', failed: 'bad' }

function Tiles({ counts, shown }: { counts: Counts | null; shown: JobState }) {
  const { queue } = useTexts()
  const { language } = useLanguage()
  return (
    <SimpleGrid cols={3} spacing="sm" component="nav" aria-label={queue.choose}>
      {(['waiting', 'active', 'failed'] as const).map(state => (
        <Link
          key={state}
          to="/queue"
          search={{ state }}
          replace
          className="surface data tile"
          aria-current={state === shown ? 'true' : 'false'}
        >
          <Text component="span" className="number" fz={26} fw={650}>
            {numberText(language, counts?.[state] ?? null)}
          </Text>
          {/* Zero failures are nothing to look at. */}
          <Pill tone={(counts?.[state] ?? 0) === 0 ? 'idle' : TONES[state]}>{queue.states[state]}</Pill>
        </Link>
      ))}
    </SimpleGrid>
  )
}

function Jobs({ state, counts }: { state: JobState; counts: Counts }) {
  const { queue, shell } = useTexts()
  const isAdmin = useIsAdmin()
  const queries = useQueryClient()
  const list = useInfiniteQuery(jobsQuery(state))
  const { waiting, active, failed } = counts
  // Workers are other processes, of which the overview alone tells. What it counts is what is listed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts are the reason
  useEffect(() => void queries.invalidateQueries({ queryKey: ['jobs'] }), [queries, waiting, active, failed])
  const retry = useRetry()
  return (
    <Section
      title={queue.captions[state]}
      {...(state === 'failed' && isAdmin && failed > 0 ? { actions: <RetryAll count={failed} /> } : {})}
    >
      {retry.error === null ? null : <Problem error={retry.error} title={shell.problem.refused} />}
      <Read query={list}>
        {({ pages }) => {
          const jobs = pages.flatMap(page => page.data)
          if (jobs.length === 0) return <Empty title={queue.none[state].title}>{queue.none[state].text}</Empty>
          return (
            <Stack gap="xs">
              <JobsTable
                state={state}
                jobs={jobs}
                {...(isAdmin ? { onRetry: id => retry.mutate({ ids: [id] }) } : {})}
              />
              <MoreRows list={list} count={jobs.length} />
            </Stack>
          )
        }}
      </Read>
      {state === 'failed' && !isAdmin ? (
        <Group>
          <Text size="sm" c="dimmed">
            {shell.viewerOnly}
          </Text>
        </Group>
      ) : null}
    </Section>
  )
}

function RetryAll({ count }: { count: number }) {
  const { queue } = useTexts()
  const retry = useRetry()
  return (
    <ConfirmButton
      verb={queue.retryAll(count)}
      title={queue.retryAllTitle}
      effect={queue.retryAllEffect(count)}
      isDangerous={false}
      act={{ ...retry, mutateAsync: () => retry.mutateAsync({ all: true }) }}
    />
  )
}

function useRetry() {
  const { queue } = useTexts()
  return useChange({
    send: (which: { ids: readonly string[] } | { all: true }) =>
      apiSend<{ retried: number }>('POST', '/api/v1/jobs/retry', which),
    renews: ['jobs', 'overview', 'audit'],
    onDone: ({ retried }) => notifications.show({ message: queue.retried(retried) }),
  })
}
