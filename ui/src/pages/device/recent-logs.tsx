import { useInfiniteQuery } from '@tanstack/react-query'
import { logsQuery } from '../../api/resources.ts'
import type { DeviceJson } from '../../api/types.ts'
import { LogTable } from '../../parts/log-table.tsx'
import { MoreRows } from '../../parts/more-rows.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

/** The newest punches of the device, which come by themselves. */
export function RecentLogs({ device }: { device: DeviceJson }) {
  const { logs: words } = useTexts().device
  const list = useInfiniteQuery(logsQuery({ device_id: [device.id] }))
  return (
    <Read query={list} rows={8}>
      {({ pages }) => {
        const logs = pages.flatMap(page => page.data)
        if (logs.length === 0) return <Empty title={words.empty}>{words.emptyText}</Empty>
        return (
          <>
            <LogTable logs={logs} caption={words.caption(device.name)} device="left-out" />
            <MoreRows list={list} count={logs.length} />
          </>
        )
      }}
    </Read>
  )
}
