import { Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { explanationQuery } from '../../api/resources.ts'
import { Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { Explanation } from './explanation.tsx'

/** Explains one punch beside the list. While it goes away it still shows the last one. */
export function ExplanationDrawer({ logId, onClose }: { logId: number | undefined; onClose: () => void }) {
  const { shell } = useTexts()
  const [last, setLast] = useState(logId)
  if (logId !== undefined && logId !== last) setLast(logId)
  const shown = logId ?? last
  const title = useTitle(shown)
  return (
    <Drawer
      opened={logId !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={title}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      {shown === undefined ? null : <Explained logId={shown} />}
    </Drawer>
  )
}

function useTitle(logId: number | undefined): string {
  const { attendance } = useTexts()
  const { data } = useQuery({ ...explanationQuery(logId ?? 0), enabled: logId !== undefined })
  if (data === undefined) return attendance.explanation.titleMeanwhile
  const { name, device_user_id: userId, local_time: time } = data.attendance_log
  return attendance.explanation.title(name ?? userId, time)
}

function Explained({ logId }: { logId: number }) {
  const query = useQuery(explanationQuery(logId))
  return (
    <Read query={query} rows={12}>
      {explanation => <Explanation explanation={explanation} />}
    </Read>
  )
}
