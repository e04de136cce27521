import { Button, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { apiSend } from '../../api/client.ts'
import type { DeviceActionsDoneJson, DeviceStandingJson } from '../../api/types.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { outcomeOf, pauseEffect } from './outcome.ts'

type Action = 'sync' | 'pause' | 'resume'

const CHANGED = ['standings', 'standing', 'overview', 'runs', 'jobs'] as const
/** An outcome is a few sentences. */
const READ_MS = 10_000

/** Asks for the same of several devices, and tells how it came out of each. */
function useFleetAction(action: Action, ids: readonly number[]) {
  const { devices, shell } = useTexts()
  const { actions } = devices
  const queries = useQueryClient()
  return useMutation<DeviceActionsDoneJson>({
    mutationFn: () => apiSend('POST', '/api/v1/devices/actions', { action, ids }),
    onSuccess: done =>
      notifications.show({
        title: actions[action],
        message: outcomeOf(done)
          .map(({ status, count }) => actions.outcome[status](count))
          .join(' '),
        autoClose: READ_MS,
        closeButtonProps: { 'aria-label': shell.close },
      }),
    onSettled: () => Promise.all(CHANGED.map(key => queries.invalidateQueries({ queryKey: [key] }))),
  })
}

/** What can be done with all that are selected. */
export function FleetActions({ selected, onClear }: { selected: readonly DeviceStandingJson[]; onClear: () => void }) {
  const { devices, shell } = useTexts()
  const { actions, select } = devices
  const ids = selected.map(({ device }) => device.id)
  const sync = useFleetAction('sync', ids)
  const pause = useFleetAction('pause', ids)
  const resume = useFleetAction('resume', ids)
  const refused = sync.error ?? resume.error
  return (
    <Stack gap="xs" component="section" aria-label={select.bar} style={{ flex: 1 }}>
      <Group gap="xs">
        <Text size="sm" fw={600} role="status" className="number">
          {select.selected(ids.length)}
        </Text>
        <Button size="xs" loading={sync.isPending} onClick={() => sync.mutate()}>
          {actions.sync}
        </Button>
        <ConfirmButton
          size="xs"
          verb={actions.pause}
          title={actions.pauseTitle(ids.length)}
          effect={<PauseEffect selected={selected} />}
          act={pause}
        />
        <Button size="xs" variant="default" loading={resume.isPending} onClick={() => resume.mutate()}>
          {actions.resume}
        </Button>
        <Button size="xs" variant="subtle" c="inherit" onClick={onClear}>
          {select.clear}
        </Button>
      </Group>
      {refused === null ? null : <Problem error={refused} title={shell.problem.refused} />}
    </Stack>
  )
}

function PauseEffect({ selected }: { selected: readonly DeviceStandingJson[] }) {
  const { actions } = useTexts().devices
  const { active, paused } = pauseEffect(selected)
  if (active === 0) return <Text>{actions.pauseNone}</Text>
  return (
    <Text>
      {actions.pauseActive(active)} {paused === 0 ? '' : actions.pausePaused(paused)}
    </Text>
  )
}
