import { Box, Button, Checkbox, Stack, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { QuarantinedRecordJson } from '../../api/types.ts'
import { hexGroups } from '../../parts/hex.ts'
import { Moment } from '../../parts/moment.tsx'
import { useTexts } from '../../texts/texts.tsx'

/** A record of the list. What is left out cannot be done with it. */
export function RecordRow({
  record,
  isChosen,
  onChoose,
  onDecode,
}: {
  record: QuarantinedRecordJson
  isChosen?: boolean
  onChoose?: () => void
  onDecode?: () => void
}) {
  const { quarantine } = useTexts()
  const { id, raw, reason, reason_text: reasonText } = record
  return (
    <Table.Tr>
      {onChoose === undefined ? null : (
        <Table.Td>
          <Checkbox aria-label={quarantine.choose(String(id))} checked={isChosen ?? false} onChange={onChoose} />
        </Table.Td>
      )}
      <Table.Td>
        <span className="said">{quarantine.reasons[reason] ?? reasonText}</span>
        <Text size="xs" c="dimmed" ff="monospace">
          {reason}
        </Text>
        {/* On a phone there are no columns for them. */}
        <Stack gap={2} hiddenFrom="sm">
          <DeviceLink record={record} />
          <Moment at={record.created_at} />
          <Dismissal record={record} />
        </Stack>
        <Text hiddenFrom="md" component="div" className="bytes" c="dimmed">
          {hexGroups(raw)}
        </Text>
        {onDecode === undefined ? null : (
          <Box hiddenFrom="sm" mt={4}>
            <DecodeButton id={id} onDecode={onDecode} />
          </Box>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <DeviceLink record={record} />
      </Table.Td>
      <Table.Td visibleFrom="md" className="bytes" miw={280}>
        {hexGroups(raw)}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        <Moment at={record.created_at} />
      </Table.Td>
      {record.dismissed_at === null ? null : (
        <Table.Td visibleFrom="sm">
          <Dismissal record={record} />
        </Table.Td>
      )}
      {onDecode === undefined ? null : (
        <Table.Td visibleFrom="sm">
          <DecodeButton id={id} onDecode={onDecode} />
        </Table.Td>
      )}
    </Table.Tr>
  )
}

function DecodeButton({ id, onDecode }: { id: number; onDecode: () => void }) {
  const { quarantine } = useTexts()
  return (
    <Button size="compact-sm" variant="default" onClick={onDecode} aria-label={quarantine.decodeOf(String(id))}>
      {quarantine.decode}
    </Button>
  )
}

function DeviceLink({ record }: { record: QuarantinedRecordJson }) {
  const { quarantine } = useTexts()
  return (
    <Link to="/devices/$deviceId" params={{ deviceId: String(record.device_id) }} className="row-button">
      <bdi>{record.device ?? quarantine.unknownDevice(String(record.device_id))}</bdi>
    </Link>
  )
}

function Dismissal({ record }: { record: QuarantinedRecordJson }) {
  const { quarantine } = useTexts()
  if (record.dismissed_at === null) return null
  return (
    <Stack gap={2}>
      <span className="said">{record.note}</span>
      <Text size="xs" c="dimmed" component="span">
        <Moment at={record.dismissed_at} />
        {record.dismissed_by === null ? null : ` ${quarantine.dismissedBy(record.dismissed_by)}`}
      </Text>
    </Stack>
  )
}
