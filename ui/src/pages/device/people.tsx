import { Table } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { peopleQuery } from '../../api/resources.ts'
import type { DeviceJson, PersonJson } from '../../api/types.ts'
import { MoreRows } from '../../parts/more-rows.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

/** Who is, or was, in the slots of the device. */
export function PeopleOnDevice({ device }: { device: DeviceJson }) {
  const { people: words } = useTexts().device
  const list = useInfiniteQuery(peopleQuery(device.id))
  return (
    <Read query={list} rows={6}>
      {({ pages }) => {
        const people = pages.flatMap(page => page.data)
        if (people.length === 0) return <Empty title={words.empty}>{words.emptyText}</Empty>
        return (
          <>
            <PeopleTable people={people} caption={words.caption(device.name)} />
            <MoreRows list={list} count={people.length} />
          </>
        )
      }}
    </Read>
  )
}

function PeopleTable({ people, caption }: { people: readonly PersonJson[]; caption: string }) {
  const { people: words } = useTexts().device
  return (
    <Table verticalSpacing={6} className="data" aria-label={caption}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.userId}</Table.Th>
          <Table.Th>{words.name}</Table.Th>
          <Table.Th visibleFrom="sm">{words.slot}</Table.Th>
          <Table.Th visibleFrom="sm">{words.firstSeen}</Table.Th>
          <Table.Th>{words.lastSeen}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {people.map(person => (
          // A slot is reused, and somebody may come back to it.
          <Table.Tr key={`${person.uid} ${person.user_id} ${person.first_seen_local}`}>
            <Table.Td className="number">
              <bdi>{person.user_id}</bdi>
            </Table.Td>
            <Table.Td className="said">{person.name === '' ? words.noName : person.name}</Table.Td>
            <Table.Td visibleFrom="sm" className="number">
              {person.uid}
            </Table.Td>
            <Table.Td visibleFrom="sm" className="number">
              <bdi>{person.first_seen_local}</bdi>
            </Table.Td>
            <Table.Td className="number">
              <bdi>{person.last_seen_local}</bdi>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
