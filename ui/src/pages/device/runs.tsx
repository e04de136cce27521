import { Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { runsQuery } from '../../api/resources.ts'
import type { DeviceJson, SyncRunJson } from '../../api/types.ts'
import { Moment } from '../../parts/moment.tsx'
import { MoreRows } from '../../parts/more-rows.tsx'
import { Pill } from '../../parts/state-pill.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { durationMs, hasCounts, proofOf, stateOf } from './run-facts.ts'

/** Each read of the device, with the proof that nothing was left out. */
export function Runs({ device }: { device: DeviceJson }) {
  const { runs: words } = useTexts().device
  const list = useInfiniteQuery(runsQuery(device.id))
  return (
    <Read query={list} rows={6}>
      {({ pages }) => {
        const runs = pages.flatMap(page => page.data)
        if (runs.length === 0) return <Empty title={words.empty}>{words.emptyText}</Empty>
        return (
          <>
            <RunTable runs={runs} caption={words.caption(device.name)} />
            <MoreRows list={list} count={runs.length} />
          </>
        )
      }}
    </Read>
  )
}

function RunTable({ runs, caption }: { runs: readonly SyncRunJson[]; caption: string }) {
  const { runs: words } = useTexts().device
  return (
    <Table verticalSpacing={6} className="data" aria-label={caption}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.begun}</Table.Th>
          <Table.Th visibleFrom="sm">{words.result}</Table.Th>
          <Table.Th visibleFrom="md">{words.read}</Table.Th>
          <Table.Th>{words.records}</Table.Th>
          <Table.Th visibleFrom="md">{words.proof}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map(run => (
          <RunRow key={run.id} run={run} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

const TONES = { ok: 'ok', failed: 'bad', open: 'idle' } as const

function RunRow({ run }: { run: SyncRunJson }) {
  const { runs: words } = useTexts().device
  const state = stateOf(run)
  const ms = durationMs(run)
  return (
    <Table.Tr data-run={run.id} style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Moment at={run.started_at} />
        <Text size="xs" c="dimmed" className="number">
          {ms === null ? null : words.took(ms)}
        </Text>
        <Text component="div" hiddenFrom="sm">
          <Pill tone={TONES[state]}>{words.states[state]}</Pill>
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Pill tone={TONES[state]}>{words.states[state]}</Pill>
      </Table.Td>
      <Table.Td visibleFrom="md" maw={220}>
        <HowRead run={run} />
      </Table.Td>
      <Table.Td>
        {hasCounts(run) ? <Counts run={run} /> : null}
        {run.error_message === null ? null : <Failure run={run} />}
        <Text component="div" size="xs" c="dimmed" hiddenFrom="md">
          {words.modes[run.mode]} · <Proof run={run} />
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md" maw={260}>
        <Text size="sm">
          <Proof run={run} />
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

function HowRead({ run }: { run: SyncRunJson }) {
  const { runs: words } = useTexts().device
  return (
    <>
      <Text size="sm">{words.modes[run.mode]}</Text>
      {run.full_because === null ? null : (
        <Text size="xs" c="dimmed">
          {words.because[run.full_because]}
        </Text>
      )}
    </>
  )
}

function Counts({ run: { received, inserted, duplicates, quarantined } }: { run: SyncRunJson }) {
  const { runs: words } = useTexts().device
  return (
    <Text size="sm" className="number">
      {words.counts({ received, inserted, duplicates, quarantined })}
    </Text>
  )
}

function Failure({ run: { error_message, next_step, error_code } }: { run: SyncRunJson }) {
  const { device: words } = useTexts()
  return (
    <div className="verdict">
      <Text size="sm" className="said">
        {error_message}
      </Text>
      {next_step === null ? null : (
        <Text size="sm" className="said">
          {words.nextStep}: {next_step}
        </Text>
      )}
      <Text size="xs" c="dimmed" ff="monospace">
        <bdi>{error_code}</bdi>
      </Text>
    </div>
  )
}

function Proof({ run }: { run: SyncRunJson }) {
  const { runs: words } = useTexts().device
  const proof = proofOf(run)
  return <span className="number">{words.proofs[proof.kind](proof)}</span>
}
