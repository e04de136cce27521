import { Checkbox, Group, Table } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useIsAdmin } from '../../api/session.ts'
import type { QuarantinedRecordJson } from '../../api/types.ts'
import { MoreRows } from '../../parts/more-rows.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { chosenOf, toggled } from './chosen.ts'
import { DismissDialog } from './dismiss-dialog.tsx'
import { RecordRow } from './record-row.tsx'

type State = 'open' | 'dismissed'

/** The list, what is chosen of it, and what can be done with that. */
export function Records({
  state,
  records,
  list,
  onDecode,
}: {
  state: State
  records: readonly QuarantinedRecordJson[]
  list: Parameters<typeof MoreRows>[0]['list']
  onDecode: (id: number) => void
}) {
  const canAct = useIsAdmin()
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const ids = chosenOf(records, chosen)
  const canChoose = canAct && state === 'open'
  return (
    <>
      {canChoose ? (
        // As high without its button, so that no row moves when the first one is chosen.
        <Group px="md" pt="md" justify="end" mih={52}>
          {ids.length === 0 ? null : <DismissDialog ids={ids} onDone={() => setChosen(new Set())} />}
        </Group>
      ) : null}
      <Table.ScrollContainer minWidth={300} className="data">
        <RecordTable
          state={state}
          canAct={canAct}
          choice={
            canChoose
              ? {
                  isAll: ids.length === records.length,
                  isSome: ids.length > 0,
                  all: () => setChosen(new Set(ids.length === records.length ? [] : records.map(({ id }) => id))),
                }
              : null
          }
        >
          {records.map(record => (
            <RecordRow
              key={record.id}
              record={record}
              {...(canChoose
                ? { isChosen: chosen.has(record.id), onChoose: () => setChosen(toggled(chosen, record.id)) }
                : {})}
              {...(canAct ? { onDecode: () => onDecode(record.id) } : {})}
            />
          ))}
        </RecordTable>
      </Table.ScrollContainer>
      <MoreRows list={list} count={records.length} />
    </>
  )
}

interface Choice {
  readonly isAll: boolean
  readonly isSome: boolean
  readonly all: () => void
}

function RecordTable({
  state,
  canAct,
  choice,
  children,
}: {
  state: State
  canAct: boolean
  choice: Choice | null
  children: ReactNode
}) {
  const { quarantine } = useTexts()
  return (
    <Table verticalSpacing={6} aria-label={quarantine.captions[state]}>
      <Table.Thead>
        <Table.Tr>
          {choice === null ? null : (
            <Table.Th w={40}>
              <Checkbox
                aria-label={quarantine.chooseAll}
                checked={choice.isAll}
                indeterminate={choice.isSome && !choice.isAll}
                onChange={choice.all}
              />
            </Table.Th>
          )}
          <Table.Th>{quarantine.reason}</Table.Th>
          <Table.Th visibleFrom="sm">{quarantine.device}</Table.Th>
          <Table.Th visibleFrom="md">{quarantine.bytes}</Table.Th>
          <Table.Th visibleFrom="sm">{quarantine.came}</Table.Th>
          {state === 'dismissed' ? <Table.Th visibleFrom="sm">{quarantine.dismissed}</Table.Th> : null}
          {canAct ? <Table.Th visibleFrom="sm">{quarantine.actions}</Table.Th> : null}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  )
}
