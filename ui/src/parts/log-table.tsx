import { Table, Text } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import type { AttendanceLogJson } from '../api/types.ts'
import { attendanceSearch } from '../search.ts'
import { useTexts } from '../texts/texts.tsx'
import { firstSeen, freshIds } from './fresh-logs.ts'
import { Moment } from './moment.tsx'

/**
 * Attendance logs, as given. Those that come while the table is seen are lit up for a moment. Each leads to its explanation; `explain`
 * keeps whatever else stands in the address.
 */
export function LogTable({
  logs,
  caption,
  device = 'shown',
}: {
  logs: readonly AttendanceLogJson[]
  /** For screen readers. */
  caption: string
  /** Of one device alone its name says nothing. */
  device?: 'shown' | 'left-out'
}) {
  const { logs: words } = useTexts()
  const [seen] = useState(() => firstSeen(logs))
  const fresh = freshIds(logs, seen)
  const isShown = device === 'shown'
  return (
    <Table.ScrollContainer minWidth={300} className="data">
      <Table verticalSpacing={6} highlightOnHover aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.time}</Table.Th>
            <Table.Th>{words.person}</Table.Th>
            {isShown ? <Table.Th visibleFrom="sm">{words.device}</Table.Th> : null}
            <Table.Th>{words.state}</Table.Th>
            <Table.Th visibleFrom="md">{words.verify}</Table.Th>
            <Table.Th visibleFrom="md">{words.source}</Table.Th>
            <Table.Th visibleFrom="sm">{words.arrived}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {logs.map(log => (
            <Row key={log.id} log={log} isDeviceShown={isShown} isFresh={fresh.has(log.id)} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Row({ log, isDeviceShown, isFresh }: { log: AttendanceLogJson; isDeviceShown: boolean; isFresh: boolean }) {
  const { logs: words } = useTexts()
  // Beside a list the explanation leaves it where it was scrolled to.
  const isBeside = useLocation().pathname === '/attendance'
  return (
    <Table.Tr className={isFresh ? 'fresh' : ''} data-log={log.id}>
      <Table.Td>
        <Link
          to="/attendance"
          resetScroll={!isBeside}
          state={isBeside ? { isBeside } : {}}
          search={before => attendanceSearch({ ...before, explain: log.id })}
          className="row-button number"
          aria-label={words.explain(log.local_time, log.name ?? log.device_user_id)}
        >
          <LocalTime text={log.local_time} />
        </Link>
      </Table.Td>
      <Table.Td>
        <div className="log-person">
          <bdi>{log.name ?? log.device_user_id}</bdi>
          <Text size="xs" c="dimmed" component="span">
            {log.name === null ? null : <bdi>{log.device_user_id}</bdi>}
            {isDeviceShown ? (
              <Text component="span" hiddenFrom="sm" inherit>
                {log.name === null ? null : ' · '}
                <bdi>{log.device}</bdi>
              </Text>
            ) : null}
          </Text>
        </div>
      </Table.Td>
      {isDeviceShown ? (
        <Table.Td visibleFrom="sm">
          <bdi>{log.device}</bdi>
        </Table.Td>
      ) : null}
      <Table.Td>{wordOf(words.states, log.punch_state_word)}</Table.Td>
      <Table.Td visibleFrom="md">{wordOf(words.verifyModes, log.verify_mode_word)}</Table.Td>
      <Table.Td visibleFrom="md">{words.sources[log.source]}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Moment at={log.created_at} />
      </Table.Td>
    </Table.Tr>
  )
}

/** `2026-11-26 01:29:53` in one line; where there is no room, the time with its date below. */
function LocalTime({ text }: { text: string }) {
  const [date = '', time = ''] = text.split(' ')
  return (
    <bdi className="log-time">
      <span>{date}</span> <span>{time}</span>
    </bdi>
  )
}

/** What the catalogue has no word for stays as the server says it. */
export function wordOf(words: Readonly<Record<string, string>>, said: string): string {
  return words[said] ?? said
}
