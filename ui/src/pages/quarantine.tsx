import { Group, SegmentedControl, Select, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { quarantineQuery, standingsQuery } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Read } from '../parts/states.tsx'
import { quarantineSearch } from '../search.ts'
import { useTexts } from '../texts/texts.tsx'
import { DecodedDialog, useDecoding } from './quarantine/decoded-dialog.tsx'
import { Records } from './quarantine/records.tsx'

const route = getRouteApi('/frame/quarantine')

type State = 'open' | 'dismissed'

/** Records that cannot be punches, to be understood one by one. */
export function QuarantinePage() {
  const { quarantine, shell } = useTexts()
  const { state = 'open', device } = route.useSearch()
  const isAdmin = useIsAdmin()
  const decoding = useDecoding()
  const list = useInfiniteQuery(quarantineQuery({ state, ...(device === undefined ? {} : { device_id: device }) }))
  return (
    <Page title={quarantine.title}>
      <Text c="dimmed">{quarantine.about}</Text>
      <Filters state={state} device={device} />
      <section className="surface" aria-label={quarantine.captions[state]}>
        <Read query={list} rows={8}>
          {({ pages }) => {
            const records = pages.flatMap(page => page.data)
            const none = quarantine.none[state]
            if (records.length === 0) return <Empty title={none.title}>{none.text}</Empty>
            // What was chosen in one list is not chosen in another.
            return (
              <Records
                key={`${state} ${device}`}
                state={state}
                records={records}
                list={list}
                onDecode={decoding.mutate}
              />
            )
          }}
        </Read>
      </section>
      {/* Outside of the list, whose last record may have become a punch just now. */}
      <DecodedDialog decoding={decoding} />
      {isAdmin ? null : (
        <Text size="sm" c="dimmed">
          {shell.viewerOnly}
        </Text>
      )}
    </Page>
  )
}

function Filters({ state, device }: { state: State; device: number | undefined }) {
  const { quarantine } = useTexts()
  const navigate = route.useNavigate()
  const { data: standings = [] } = useQuery(standingsQuery)
  const change = (changes: object) =>
    void navigate({ search: before => quarantineSearch({ ...before, ...changes }), replace: true, resetScroll: false })
  return (
    <Group gap="sm" align="end">
      <SegmentedControl
        aria-label={quarantine.state}
        value={state}
        onChange={chosen => change({ state: chosen })}
        data={(['open', 'dismissed'] as const).map(value => ({ value, label: quarantine.states[value] }))}
      />
      <Select
        aria-label={quarantine.device}
        placeholder={quarantine.allDevices}
        data={standings.map(({ device: { id, name } }) => ({ value: String(id), label: name }))}
        value={device === undefined ? null : String(device)}
        onChange={id => change({ device: id === null ? undefined : Number(id) })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': quarantine.allDevices, tabIndex: 0 }}
        w={{ base: '100%', xs: 260 }}
      />
    </Group>
  )
}
