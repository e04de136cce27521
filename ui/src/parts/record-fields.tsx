import { Table } from '@mantine/core'
import type { ExplanationJson } from '../api/types.ts'
import { useTexts } from '../texts/texts.tsx'

/** The fields of a record, as its bytes decode. */
export function RecordFields({ fields }: { fields: NonNullable<ExplanationJson['record']['fields']> }) {
  const { fields: words } = useTexts().logs
  return (
    <Table aria-label={words.caption} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.name}</Table.Th>
          <Table.Th>{words.value}</Table.Th>
          <Table.Th>{words.meaning}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ name, value, meaning }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" className="bytes" style={{ whiteSpace: 'nowrap' }}>
              {name}
            </Table.Th>
            <Table.Td className="bytes" miw={96}>
              {value}
            </Table.Td>
            <Table.Td className="said">{meaning}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
