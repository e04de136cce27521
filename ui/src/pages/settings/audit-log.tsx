import { Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type AuditEntry, auditQuery } from '../../api/resources.ts'
import { wordOf } from '../../parts/log-table.tsx'
import { Moment } from '../../parts/moment.tsx'
import { MoreRows } from '../../parts/more-rows.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { detailLines } from './audit-details.ts'

/** Who changed what. */
export function AuditLog() {
  const { settings } = useTexts()
  const words = settings.audit
  const list = useInfiniteQuery(auditQuery)
  return (
    <Section title={settings.tabs.audit}>
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <Read query={list} rows={8}>
        {({ pages }) => {
          const entries = pages.flatMap(page => page.data)
          if (entries.length === 0) return <Empty title={words.none.title}>{words.none.text}</Empty>
          return (
            <>
              <AuditTable entries={entries} />
              <MoreRows list={list} count={entries.length} />
            </>
          )
        }}
      </Read>
    </Section>
  )
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const words = useTexts().settings.audit
  return (
    <Table.ScrollContainer minWidth={300} className="data">
      <Table verticalSpacing={6} aria-label={words.caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.when}</Table.Th>
            <Table.Th visibleFrom="sm">{words.who}</Table.Th>
            <Table.Th>{words.what}</Table.Th>
            <Table.Th visibleFrom="sm">{words.subject}</Table.Th>
            <Table.Th visibleFrom="md">{words.details}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map(entry => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const words = useTexts().settings.audit
  const details = detailLines(entry.details).map(line => (
    <Text key={line} size="xs" c="dimmed" className="said">
      {line}
    </Text>
  ))
  return (
    <Table.Tr>
      <Table.Td>
        <Moment at={entry.created_at} />
      </Table.Td>
      <Table.Td visibleFrom="sm" className="said">
        {entry.who}
      </Table.Td>
      <Table.Td>
        {wordOf(words.actions, entry.action)}
        <Text hiddenFrom="sm" size="xs" component="div" className="said">
          {[entry.who, entry.subject].filter(text => text !== null).join(' · ')}
        </Text>
        <Text hiddenFrom="md" component="div">
          {details}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" className="said">
        {entry.subject}
      </Table.Td>
      <Table.Td visibleFrom="md">{details}</Table.Td>
    </Table.Tr>
  )
}
