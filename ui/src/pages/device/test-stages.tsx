import { Group, Stack, Text } from '@mantine/core'
import { Pill, type Tone } from '../../parts/state-pill.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { type Course, type StageRow, stageRows } from './test-course.ts'

const TONES: Readonly<Record<StageRow['status'], Tone>> = {
  waiting: 'idle',
  running: 'new',
  ok: 'ok',
  warning: 'warn',
  failed: 'bad',
  skipped: 'idle',
}

/** Each stage with what was found, why it went wrong, and what to do. */
export function StageList({ course }: { course: Course }) {
  const { connectionTest: words } = useTexts()
  return (
    <ol className="stages" aria-label={words.stages}>
      {stageRows(course).map(row => (
        <Stage key={row.key} row={row} />
      ))}
    </ol>
  )
}

function Stage({ row: { stage, status, told } }: { row: StageRow }) {
  const { connectionTest: words } = useTexts()
  return (
    <li className="stage" data-stage={stage} data-status={status}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
        <Text size="sm" fw={600} c={status === 'waiting' || status === 'skipped' ? 'dimmed' : 'inherit'}>
          {words.stageName(stage)}
        </Text>
        <Group gap="sm" wrap="nowrap">
          {told === null || status === 'skipped' ? null : (
            <Text size="xs" c="dimmed" className="number">
              {told.transport === null ? null : <bdi>{told.transport.toUpperCase()} · </bdi>}
              {words.took(told.duration_ms)}
            </Text>
          )}
          <Pill tone={TONES[status]}>{words.status[status]}</Pill>
        </Group>
      </Group>
      {/* What was skipped says only which stage it would have needed, which stands above in red. */}
      {told === null || status === 'skipped' ? null : (
        <Stack gap={4}>
          <Text size="sm" c="dimmed" className="said">
            {told.found}
          </Text>
          {told.verdicts.map(verdict => (
            <div key={verdict.code} className="verdict">
              <Text size="sm" className="said">
                {words.severity[verdict.severity]}: {verdict.cause}
              </Text>
              <Text size="sm" className="said">
                {words.nextStep}: {verdict.next_step}
              </Text>
              <Text size="xs" c="dimmed" ff="monospace">
                <bdi>{verdict.code}</bdi>
              </Text>
            </div>
          ))}
        </Stack>
      )}
    </li>
  )
}
