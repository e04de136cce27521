import { Modal, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import type { DecodedAgainJson } from '../../api/types.ts'
import { RecordFields } from '../../parts/record-fields.tsx'
import { Pill, type Tone } from '../../parts/state-pill.tsx'
import { Loading, Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

export function useDecoding() {
  return useChange({
    send: (id: number) => apiSend<DecodedAgainJson>('POST', `/api/v1/quarantined-records/${id}/decode`),
    renews: ['quarantine', 'overview', 'standings', 'standing', 'logs', 'audit'],
  })
}

/** What a record is by the rules of today, once somebody has asked. */
export function DecodedDialog({ decoding }: { decoding: ReturnType<typeof useDecoding> }) {
  const { quarantine, shell } = useTexts()
  const { variables: id, data, error, isPending, isIdle, mutate, reset } = decoding
  return (
    <Modal
      opened={!isIdle}
      onClose={reset}
      size="lg"
      title={id === undefined ? '' : quarantine.decoded.title(String(id))}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      {error === null || id === undefined ? null : (
        <Problem error={error} title={shell.problem.refused} onRetry={() => mutate(id)} />
      )}
      {isPending ? <Loading /> : null}
      {data === undefined ? null : <Decoded decoded={data} />}
    </Modal>
  )
}

const TONES: Readonly<Record<DecodedAgainJson['outcome'], Tone>> = {
  stored: 'ok',
  duplicate: 'ok',
  quarantined: 'warn',
  undecodable: 'warn',
}

function Decoded({ decoded }: { decoded: DecodedAgainJson }) {
  const { decoded: words } = useTexts().quarantine
  const { outcome, sentence, attendance_log: log, layout, fields } = decoded
  return (
    <Stack gap="sm" align="start">
      <Pill tone={TONES[outcome]}>{words.outcomes[outcome]}</Pill>
      <Text className="said">{sentence}</Text>
      {layout === null ? null : (
        <Text size="sm" c="dimmed">
          {words.layout(layout)}
        </Text>
      )}
      {fields === null ? null : <RecordFields fields={fields} />}
      {log === null ? null : (
        <Link to="/attendance" search={{ explain: log.id }} className="row-button">
          {words.toLog}
        </Link>
      )}
    </Stack>
  )
}
