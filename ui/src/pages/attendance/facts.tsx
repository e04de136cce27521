import { Stack, Table, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Names and values, one a line. */
export function Facts({
  title,
  facts,
}: {
  title: string
  facts: readonly { readonly name: string; readonly value: ReactNode }[]
}) {
  return (
    <Stack gap={4}>
      <Title order={3}>{title}</Title>
      <Table verticalSpacing={4} aria-label={title}>
        <Table.Tbody>
          {facts.map(({ name, value }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w="40%" fw={400} c="dimmed">
                {name}
              </Table.Th>
              <Table.Td className="number">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}
