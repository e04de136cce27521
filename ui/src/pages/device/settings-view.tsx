import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { apiSend } from '../../api/client.ts'
import { useIsAdmin } from '../../api/session.ts'
import type { DeviceDetailJson, DeviceJson } from '../../api/types.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { useNotice } from '../../parts/notice.ts'
import { Problem } from '../../parts/states.tsx'
import { useUnsaved } from '../../parts/unsaved.ts'
import { useTexts } from '../../texts/texts.tsx'
import { renewDevice } from './actions.tsx'
import { DeviceFields, deviceRules, focusFirst, isAboutFields, tellFields } from './device-fields.tsx'
import { changesBetween, type DeviceValues, valuesOf } from './device-values.ts'
import { MoreFacts } from './standing.tsx'

/** The settings of the device, and its end. */
export function SettingsView({ detail }: { detail: DeviceDetailJson }) {
  // What a viewer may not do is said at the top of the page.
  if (!useIsAdmin()) return <MoreFacts detail={detail} />
  return (
    <Stack gap="xl">
      <SettingsForm device={detail.device} />
      <RemoveDevice detail={detail} />
    </Stack>
  )
}

function SettingsForm({ device }: { device: DeviceJson }) {
  const texts = useTexts()
  const { shell, device: words } = texts
  const queries = useQueryClient()
  const notice = useNotice()
  const [saves, setSaves] = useState(0)
  // What it was when the form was opened: what somebody else changes meanwhile is not taken back by it.
  const [before, setBefore] = useState(() => valuesOf(device))
  const form = useForm<DeviceValues>({ initialValues: before, validate: deviceRules(texts) })
  const save = useMutation({
    mutationFn: (changes: object) => apiSend<DeviceJson>('PATCH', `/api/v1/devices/${device.id}`, changes),
    onSuccess: async saved => {
      const values = valuesOf(saved)
      setBefore(values)
      form.setInitialValues(values)
      form.setValues(values)
      setSaves(count => count + 1)
      notice(words.settings.saved)
      await renewDevice(queries)
    },
    onError: error => tellFields(form, error),
  })
  useUnsaved(() => changesBetween(before, form.getValues()) !== null, words.settings.leave)
  const submit = (values: DeviceValues) => {
    const changes = changesBetween(before, values)
    if (changes === null) notice(words.settings.unchanged)
    else save.mutate(changes)
  }
  return (
    <form onSubmit={form.onSubmit(submit, faults => focusFirst(form, faults))} noValidate>
      <Stack>
        {/* After a save the comm key is hidden again. */}
        <DeviceFields key={saves} form={form} hasCommKey={device.has_comm_key} />
        {save.error === null || isAboutFields(save.error) ? null : (
          <Problem error={save.error} title={shell.problem.refused} />
        )}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {shell.save}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function RemoveDevice({ detail: { device, attendance_logs, quarantined } }: { detail: DeviceDetailJson }) {
  const { remove: words } = useTexts().device
  const queries = useQueryClient()
  const notice = useNotice()
  const navigate = useNavigate()
  const remove = useMutation<unknown, unknown, void>({
    mutationFn: () => apiSend('DELETE', `/api/v1/devices/${device.id}`),
    onSuccess: async () => {
      notice(words.done(device.name))
      // What was changed of a device that is gone needs no question.
      await navigate({ to: '/devices', ignoreBlocker: true })
      for (const key of ['standing', 'runs', 'people', 'clock']) queries.removeQueries({ queryKey: [key, device.id] })
      await Promise.all(
        ['standings', 'overview', 'logs', 'quarantine', 'jobs'].map(key =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      )
    },
  })
  return (
    <Stack gap="xs" align="start" component="section" aria-label={words.title}>
      <Title order={2}>{words.title}</Title>
      <Text size="sm" c="dimmed" maw={560}>
        {words.text}
      </Text>
      <ConfirmButton
        verb={words.verb}
        title={words.question(device.name)}
        effect={words.effect({ logs: attendance_logs, quarantined })}
        act={remove}
      />
    </Stack>
  )
}
