import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { standingsQuery } from '../../api/resources.ts'
import type { DeviceStandingJson } from '../../api/types.ts'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/page.tsx'
import { StatePill, TONES } from '../../parts/state-pill.tsx'
import { Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { needSomebody } from './attention.ts'

/** What is wrong now, and what mends it. */
export function AttentionList() {
  const { attention } = useTexts().overview
  const standings = useQuery(standingsQuery)
  return (
    <Section title={attention.title}>
      <Read query={standings}>{data => <Attention standings={data} />}</Read>
    </Section>
  )
}

function Attention({ standings }: { standings: readonly DeviceStandingJson[] }) {
  const { attention } = useTexts().overview
  const { named, count } = needSomebody(standings)
  if (count === 0) {
    return (
      <Text size="sm" c="dimmed" className="data">
        {attention.nobody}
      </Text>
    )
  }
  return (
    <>
      <Stack component="ul" gap="sm" className="plain-list data">
        {named.map(standing => (
          <Troubled key={standing.device.id} standing={standing} />
        ))}
      </Stack>
      {count > named.length ? (
        <Text size="sm">
          <Link to="/devices" search={{ sort: 'state' }} className="row-button">
            {attention.all(count)}
          </Link>
        </Text>
      ) : null}
    </>
  )
}

function Troubled({
  standing: { device, state, sentence, next_step, last_contact_at },
}: {
  standing: DeviceStandingJson
}) {
  const { attention } = useTexts().overview
  return (
    <li className="troubled" data-tone={TONES[state]}>
      <Group gap={0} justify="space-between" style={{ columnGap: 'var(--mantine-spacing-sm)' }}>
        <Group gap="sm">
          <StatePill state={state} />
          <Link
            to="/devices/$deviceId"
            params={{ deviceId: String(device.id) }}
            className="row-button said device-name"
          >
            {device.name}
          </Link>
        </Group>
        <Text size="xs" c="dimmed" component="span">
          {attention.heard}: <Moment at={last_contact_at} />
        </Text>
      </Group>
      <Text size="sm" className="said sentence">
        {sentence}
      </Text>
      {next_step === null ? null : (
        <Text size="sm" c="dimmed" className="said sentence">
          {next_step}
        </Text>
      )}
    </li>
  )
}
