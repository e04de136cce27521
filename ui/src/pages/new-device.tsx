import './device/device.css'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { apiSend } from '../api/client.ts'
import { browserZone } from '../api/resources.ts'
import { useIsAdmin } from '../api/session.ts'
import type { DeviceJson } from '../api/types.ts'
import { useNotice } from '../parts/notice.ts'
import { Page, Section } from '../parts/page.tsx'
import { Problem } from '../parts/states.tsx'
import { useTexts } from '../texts/texts.tsx'
import { renewDevice } from './device/actions.tsx'
import { ConnectionTest, useConnectionTest } from './device/connection-test.tsx'
import {
  DeviceFields,
  type DeviceForm,
  deviceRules,
  focusField,
  focusFirst,
  isAboutFields,
  tellFields,
} from './device/device-fields.tsx'
import { type DeviceValues, newDeviceOf, newValues, targetOf } from './device/device-values.ts'
import type { TestRequest } from './device/follow-test.ts'
import { fieldInQuestion, isConclusive, resultOf } from './device/test-course.ts'

/** As long as somebody needs who stands beside the device. */
const PUNCH_WAIT_S = 30

/** Adding a device: its settings, then a test of them up to a punch that arrives, then it is saved. */
export function NewDevicePage() {
  const { newDevice: words, shell } = useTexts()
  const isAdmin = useIsAdmin()
  return (
    <Page
      title={words.title}
      actions={
        <Button component={Link} {...{ to: '/devices' }} variant="default">
          {shell.cancel}
        </Button>
      }
    >
      {isAdmin ? (
        <Steps />
      ) : (
        <Text size="sm" c="dimmed">
          {shell.viewerOnly}
        </Text>
      )}
    </Page>
  )
}

function Steps() {
  const texts = useTexts()
  const words = texts.newDevice
  const form = useForm<DeviceValues>({ initialValues: newValues(browserZone()), validate: deviceRules(texts) })
  const [request, setRequest] = useState<TestRequest | null>(null)
  const test = (values: DeviceValues) =>
    setRequest({ path: '/api/v1/devices/test', body: targetOf(values), punchWaitS: PUNCH_WAIT_S })
  if (request !== null) {
    const back = (field: string | null) => {
      setRequest(null)
      focusField(form, field ?? 'name')
    }
    const refused = (error: unknown) => {
      setRequest(null)
      tellFields(form, error)
    }
    const again = () => test(form.getValues())
    return <TestStep form={form} request={request} onAgain={again} onBack={back} onRefused={refused} />
  }
  return (
    <Section title={words.steps.form}>
      <Text size="sm" c="dimmed" maw={560}>
        {words.lead}
      </Text>
      <form onSubmit={form.onSubmit(test, faults => focusFirst(form, faults))} noValidate>
        <Stack>
          <DeviceFields form={form} hasCommKey="new" />
          <Group>
            <Button type="submit">{words.test}</Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

function TestStep({
  form,
  request,
  onAgain,
  onBack,
  onRefused,
}: {
  form: DeviceForm
  request: TestRequest
  onAgain: () => void
  onBack: (field: string | null) => void
  /** The settings cannot be used as they are. */
  onRefused: (error: unknown) => void
}) {
  const { newDevice: words, connectionTest, shell } = useTexts()
  const test = useConnectionTest(request)
  const { course } = test
  const save = useSave(onRefused)
  // Settings that cannot even be tested are mended in the form, where each refusal stands at its field.
  const refused = course.problem
  useEffect(() => {
    if (isAboutFields(refused)) onRefused(refused)
  }, [refused, onRefused])
  const isGood = isConclusive(course) && resultOf(course) !== 'failed'
  const field = fieldInQuestion(course.told)
  return (
    <Section title={words.steps.test}>
      <Text size="sm" className="said">
        {words.testing(form.values.name, `${form.values.host}:${form.values.port}`)}
      </Text>
      <ConnectionTest test={test} punchWaitS={request.punchWaitS}>
        <Button
          variant={isGood ? 'filled' : 'default'}
          loading={save.isPending}
          onClick={() => save.mutate(form.getValues())}
        >
          {isGood ? words.save : words.saveAnyway}
        </Button>
        <Button variant={isGood ? 'default' : 'filled'} onClick={() => onBack(field)}>
          {words.back}
        </Button>
        <Button variant="default" onClick={onAgain}>
          {connectionTest.again}
        </Button>
      </ConnectionTest>
      {save.error === null ? null : <Problem error={save.error} title={shell.problem.refused} />}
    </Section>
  )
}

/** Saves the device, has it read at once so that its punches are there, and leads to its page. */
function useSave(onRefused: (error: unknown) => void) {
  const { newDevice: words } = useTexts()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const notice = useNotice()
  return useMutation({
    mutationFn: (values: DeviceValues) => apiSend<DeviceJson>('POST', '/api/v1/devices', newDeviceOf(values)),
    onSuccess: async ({ id, name }) => {
      notice(words.saved(name))
      // The schedule reads it anyhow, a little later.
      await apiSend('POST', `/api/v1/devices/${id}/sync`).catch(() => null)
      await renewDevice(queries)
      await navigate({ to: '/devices/$deviceId', params: { deviceId: String(id) } })
    },
    onError: error => {
      if (isAboutFields(error)) onRefused(error)
    },
  })
}
