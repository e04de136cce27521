import { Box, Group, Progress, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { DeviceDetailJson } from '../../api/types.ts'
import { useLive } from '../../live/live-updates.tsx'
import { useProgressOf } from '../../live/progress.ts'
import { Moment } from '../../parts/moment.tsx'
import { StatePill } from '../../parts/state-pill.tsx'
import { numberText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'
import { percentOf } from './sync-progress.ts'

/** How the device stands, in a sentence and some numbers; the rest of what is known of it opens below. */
export function Standing({ detail }: { detail: DeviceDetailJson }) {
  const { device: words } = useTexts()
  const { sentence, next_step, state } = detail
  return (
    <Stack component="section" className="surface data" p="md" gap="md" aria-label={words.standing}>
      <div>
        <Group gap="sm" align="baseline">
          <StatePill state={state} />
          <Text className="said sentence">{sentence}</Text>
        </Group>
        {next_step === null ? null : (
          <Text size="sm" mt={4} className="said">
            {words.nextStep}: {next_step}
          </Text>
        )}
      </div>
      <SyncProgress deviceId={detail.device.id} />
      <KeyFacts detail={detail} />
      <details className="more-facts">
        <summary>{words.more}</summary>
        <Box mt="sm">
          <MoreFacts detail={detail} />
        </Box>
      </details>
    </Stack>
  )
}

function SyncProgress({ deviceId }: { deviceId: number }) {
  const { language, texts } = useLanguage()
  const words = texts.device
  const progress = useProgressOf(useLive().progress, deviceId)
  if (progress === null) return null
  const percent = percentOf(progress)
  const { records_received, records_total } = progress
  return (
    <div>
      <Text size="sm" className="number" mb={4}>
        {percent === null
          ? words.progress.begins
          : words.progress.records(numberText(language, records_received), numberText(language, records_total))}
      </Text>
      <Progress.Root>
        <Progress.Section value={percent ?? 0} aria-label={words.progress.label} />
      </Progress.Root>
    </div>
  )
}

function KeyFacts({ detail }: { detail: DeviceDetailJson }) {
  const { language, texts } = useLanguage()
  const { facts } = texts.device
  const { device, quarantined } = detail
  return (
    <dl className="facts">
      <Fact name={facts.lastPunch}>
        <Moment at={detail.last_punch_at} />
      </Fact>
      <Fact name={facts.lastContact}>
        <Moment at={detail.last_contact_at} />
      </Fact>
      <Fact name={facts.logs}>
        <span className="number">{numberText(language, detail.attendance_logs)}</span>
      </Fact>
      <Fact name={facts.memory}>
        <span className="said">{detail.words.memory}</span>
      </Fact>
      <Fact name={facts.clock}>
        <span className="said">{detail.words.clock}</span>
      </Fact>
      {quarantined === 0 ? null : (
        <Fact name={facts.quarantined}>
          <Link to="/quarantine" search={{ device: device.id }} className="row-button number">
            {facts.records(quarantined)}
          </Link>
        </Fact>
      )}
    </dl>
  )
}

export function MoreFacts({ detail }: { detail: DeviceDetailJson }) {
  const { device: words, deviceForm, shell } = useTexts()
  const { facts } = words
  const { device } = detail
  const { tags } = device
  const said: readonly (readonly [string, string | null])[] = [
    [facts.address, `${device.host}:${device.port}`],
    [facts.transport, deviceForm.transport.choices[device.transport]],
    [facts.timezone, device.timezone],
    [facts.model, device.model],
    [facts.firmware, device.firmware],
    [facts.serial, device.serial_number],
    [facts.mode, detail.words.mode],
    [facts.layout, detail.words.layout],
    [facts.commKey, device.has_comm_key ? shell.yes : shell.no],
    [facts.setsClock, device.sets_clock ? shell.yes : shell.no],
    [facts.tags, tags.length === 0 ? facts.noTags : tags.join(', ')],
  ]
  return (
    <dl className="facts">
      {said.map(([name, value]) => (
        <Fact key={name} name={name}>
          <span className="said">{value ?? shell.unknown}</span>
        </Fact>
      ))}
      <Fact name={facts.added}>
        <Moment at={device.created_at} />
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm">
        {children}
      </Text>
    </div>
  )
}
