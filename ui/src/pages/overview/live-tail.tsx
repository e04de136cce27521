import { Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { logsQuery } from '../../api/resources.ts'
import { LogTable } from '../../parts/log-table.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

const ROWS = 20

/** The newest punches of all devices, which come in while one looks. */
export function LiveTail() {
  const { tail } = useTexts().overview
  const logs = useInfiniteQuery(logsQuery({}))
  return (
    <Section
      title={tail.title}
      actions={
        <Text size="sm">
          <Link to="/attendance" className="row-button">
            {tail.all}
          </Link>
        </Text>
      }
    >
      <Read query={logs} rows={8}>
        {({ pages }) => {
          const newest = pages.flatMap(({ data }) => data).slice(0, ROWS)
          return newest.length === 0 ? (
            <Empty title={tail.empty}>{tail.emptyText}</Empty>
          ) : (
            <LogTable logs={newest} caption={tail.caption} />
          )
        }}
      </Read>
    </Section>
  )
}
