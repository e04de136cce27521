import { Button, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type JobState, standingsQuery } from '../../api/resources.ts'
import type { JobJson } from '../../api/types.ts'
import { Moment } from '../../parts/moment.tsx'
import { clockText, numberText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'

interface Shown {
  readonly state: JobState
  /** Left out where nobody may. */
  readonly onRetry?: (id: string) => void
}

export function JobsTable({ jobs, ...shown }: Shown & { jobs: readonly JobJson[] }) {
  const { queue } = useTexts()
  const { data: standings = [] } = useQuery(standingsQuery)
  const names = new Map(standings.map(({ device }) => [device.id, device.name]))
  const { state, onRetry } = shown
  return (
    <Table.ScrollContainer minWidth={300} className="data">
      <Table verticalSpacing={6} aria-label={queue.captions[state]}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{queue.device}</Table.Th>
            <Table.Th visibleFrom="sm">{queue.queued}</Table.Th>
            <Table.Th>{{ waiting: queue.notBefore, active: queue.started, failed: queue.failed }[state]}</Table.Th>
            <Table.Th visibleFrom="xs">{queue.tries}</Table.Th>
            <Table.Th visibleFrom="sm">{queue.error}</Table.Th>
            {state === 'failed' && onRetry !== undefined ? <Table.Th visibleFrom="sm">{queue.retry}</Table.Th> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map(job => (
            <Row
              key={job.id}
              job={job}
              device={names.get(job.device_id) ?? queue.unknownDevice(String(job.device_id))}
              {...shown}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Row({ job, device, state, onRetry }: Shown & { job: JobJson; device: string }) {
  const { queue } = useTexts()
  const { language } = useLanguage()
  const button =
    state === 'failed' && onRetry !== undefined ? (
      <Button size="compact-sm" variant="default" aria-label={queue.retryOf(device)} onClick={() => onRetry(job.id)}>
        {queue.retry}
      </Button>
    ) : null
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/devices/$deviceId" params={{ deviceId: String(job.device_id) }} className="row-button">
          <bdi>{device}</bdi>
        </Link>
        {/* On a phone there is no column for it. */}
        <Text hiddenFrom="sm" component="div">
          <JobError job={job} />
          {button}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        <Moment at={job.queued_at} />
      </Table.Td>
      <Table.Td>
        <When job={job} state={state} />
      </Table.Td>
      <Table.Td visibleFrom="xs" className="number">
        {numberText(language, job.tries)}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <JobError job={job} none={queue.noError} />
      </Table.Td>
      {button === null ? null : <Table.Td visibleFrom="sm">{button}</Table.Td>}
    </Table.Tr>
  )
}

function When({ job, state }: { job: JobJson; state: JobState }) {
  const { queue } = useTexts()
  const { language } = useLanguage()
  if (state !== 'waiting') return <Moment at={state === 'active' ? job.started_at : job.failed_at} />
  if (job.not_before === null) return queue.atOnce
  return <time dateTime={job.not_before}>{clockText(language, Date.parse(job.not_before))}</time>
}

function JobError({ job, none = null }: { job: JobJson; none?: string | null }) {
  if (job.error_message === null) return none
  return (
    <Stack gap={2}>
      <Text size="sm" className="said">
        {job.error_message}
      </Text>
      {job.next_step === null ? null : (
        <Text size="sm" c="dimmed" className="said">
          {job.next_step}
        </Text>
      )}
      <Text size="xs" c="dimmed" ff="monospace">
        {job.error_code}
      </Text>
    </Stack>
  )
}
