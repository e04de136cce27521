import { Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ExplanationJson } from '../../api/types.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { hexGroups } from '../../parts/hex.ts'
import { wordOf } from '../../parts/log-table.tsx'
import { RecordFields } from '../../parts/record-fields.tsx'
import { exactText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'
import { Facts } from './facts.tsx'
import { useRunFacts } from './run-facts.ts'

/** Where a punch comes from, from its bytes on: in sentences first, then the facts behind them. */
export function Explanation({ explanation }: { explanation: ExplanationJson }) {
  return (
    <Stack gap="lg" className="data">
      <Sentences explanation={explanation} />
      <Ways explanation={explanation} />
      <TimeFacts explanation={explanation} />
      <RecordFacts record={explanation.record} />
      <SourceFacts explanation={explanation} />
    </Stack>
  )
}

function Sentences({ explanation }: { explanation: ExplanationJson }) {
  const { attendance, logs, shell } = useTexts()
  const { attendance_log: log, source, time, clock } = explanation
  const summary = attendance.explanation.summary({
    person: log.name ?? log.device_user_id,
    device: log.device ?? shell.unknown,
    state: wordOf(logs.states, log.punch_state_word),
    verify: wordOf(logs.verifyModes, log.verify_mode_word),
  })
  return (
    <Stack gap={4}>
      <Text fw={600}>{summary}</Text>
      {[source.sentence, time.sentence, clock.sentence].map(sentence => (
        <Text key={sentence} size="sm" className="said">
          {sentence}
        </Text>
      ))}
    </Stack>
  )
}

function Ways({ explanation: { attendance_log: log, device } }: { explanation: ExplanationJson }) {
  const { explanation: words } = useTexts().attendance
  return (
    <Stack gap={4} align="start">
      <Link to="/attendance" search={{ user: log.device_user_id }} className="row-button">
        {words.toPerson}
      </Link>
      {device === null ? null : (
        <Link to="/devices/$deviceId" params={{ deviceId: String(device.id) }} className="row-button">
          {words.toDevice}
          {': '}
          <bdi>{device.name}</bdi>
        </Link>
      )}
    </Stack>
  )
}

function TimeFacts({ explanation: { attendance_log: log, time, clock } }: { explanation: ExplanationJson }) {
  const { language, texts } = useLanguage()
  const { attendance, shell } = texts
  const words = attendance.explanation
  return (
    <Facts
      title={words.time}
      facts={[
        { name: words.atDevice, value: <bdi dir="ltr">{time.local_time}</bdi> },
        { name: words.zone, value: <bdi>{time.timezone ?? shell.unknown}</bdi> },
        { name: words.offset, value: <bdi dir="ltr">{time.utc_offset ?? shell.unknown}</bdi> },
        { name: words.instant, value: exactText(language, Date.parse(time.punched_at)) },
        { name: words.drift, value: useDriftWords()(clock.drift_s) },
        { name: words.stored, value: exactText(language, Date.parse(log.created_at)) },
      ]}
    />
  )
}

function useDriftWords(): (seconds: number | null) => string {
  const { attendance, shell } = useTexts()
  const words = attendance.explanation
  return seconds => {
    if (seconds === null) return shell.unknown
    if (seconds === 0) return words.exact
    return seconds > 0 ? words.ahead(seconds) : words.behind(-seconds)
  }
}

function RecordFacts({ record }: { record: ExplanationJson['record'] }) {
  const { explanation: words } = useTexts().attendance
  return (
    <Stack gap="xs">
      <Facts
        title={words.record}
        facts={[
          { name: words.layout, value: <bdi>{record.layout}</bdi> },
          { name: words.length, value: words.lengthBytes(record.length_bytes) },
        ]}
      />
      <CopyText label={words.bytes} text={record.raw} shown={hexGroups(record.raw)} />
      {record.fields === null ? (
        <Text size="sm" c="dimmed">
          {words.noFields}
        </Text>
      ) : (
        <RecordFields fields={record.fields} />
      )}
    </Stack>
  )
}

function SourceFacts({ explanation: { source, run } }: { explanation: ExplanationJson }) {
  const { attendance, logs } = useTexts()
  const words = attendance.explanation
  const cameBy = { name: words.cameBy, value: logs.sources[source.source] }
  const ofRun = useRunFacts()
  return (
    <Stack gap="xs">
      <Facts title={words.source} facts={[cameBy, ...(run === null ? [] : ofRun(run))]} />
      {run === null ? (
        <Text size="sm" c="dimmed">
          {words.noRun}
        </Text>
      ) : null}
    </Stack>
  )
}
