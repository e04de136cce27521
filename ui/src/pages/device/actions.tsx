import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { apiSend } from '../../api/client.ts'
import type { DeviceDetailJson } from '../../api/types.ts'
import { useLive } from '../../live/live-updates.tsx'
import { useProgressOf } from '../../live/progress.ts'
import { useNotice } from '../../parts/notice.ts'
import { useTexts } from '../../texts/texts.tsx'

/** What an admin does with a saved device. `problem` is why the last one was refused. */
export function useDeviceActions({ device }: DeviceDetailJson) {
  const { device: words } = useTexts()
  const queries = useQueryClient()
  const notice = useNotice()
  const path = `/api/v1/devices/${device.id}`
  const sync = useMutation({
    mutationFn: () => apiSend<{ status: 'started' | 'running' }>('POST', `${path}/sync`),
    onSuccess: ({ status }) => notice(words.syncTold[status]),
  })
  const toggle = useMutation({
    mutationFn: (isActive: boolean) => apiSend('PATCH', path, { is_active: isActive }),
    onSuccess: async (_, isActive) => {
      notice(isActive ? words.resumed : words.paused)
      await renewDevice(queries)
    },
  })
  return { sync, toggle, problem: sync.error ?? toggle.error }
}

/** After a change of our own. */
export async function renewDevice(queries: ReturnType<typeof useQueryClient>): Promise<void> {
  await Promise.all(['standing', 'standings', 'overview'].map(key => queries.invalidateQueries({ queryKey: [key] })))
}

/** Whether the device is read now, as far as this page has heard. */
export function useIsSyncing({ device, beats }: DeviceDetailJson): boolean {
  const progress = useProgressOf(useLive().progress, device.id)
  return progress !== null || beats.at(-1)?.state === 'running'
}

export function DeviceActions({
  detail,
  actions: { sync, toggle },
  onTest,
}: {
  detail: DeviceDetailJson
  actions: ReturnType<typeof useDeviceActions>
  onTest: () => void
}) {
  const { device: words } = useTexts()
  const isSyncing = useIsSyncing(detail)
  const isActive = detail.device.is_active
  // What was refused before is no news any more.
  const syncNow = () => {
    toggle.reset()
    sync.mutate()
  }
  const switchOnOff = () => {
    sync.reset()
    toggle.mutate(!isActive)
  }
  return (
    <>
      <Button onClick={syncNow} loading={sync.isPending} disabled={isSyncing || !isActive}>
        {isSyncing ? words.syncing : words.sync}
      </Button>
      <Button variant="default" onClick={onTest}>
        {words.test}
      </Button>
      <Button variant="default" onClick={switchOnOff} loading={toggle.isPending}>
        {isActive ? words.pause : words.resume}
      </Button>
    </>
  )
}
