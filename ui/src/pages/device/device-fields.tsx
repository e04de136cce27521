import {
  Autocomplete,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { ApiProblem } from '../../api/client.ts'
import { SecretInput } from '../../parts/secret-input.tsx'
import type { Texts } from '../../texts/en/texts.ts'
import { useTexts } from '../../texts/texts.tsx'
import { DEVICE_FIELDS, type DeviceValues, isCommKey, isPort } from './device-values.ts'

export type DeviceForm = UseFormReturnType<DeviceValues>

/** What can be judged without the server, which judges the rest in the same words for everybody. */
export function deviceRules({ deviceForm: words }: Texts) {
  return {
    name: (name: string) => (name.trim() === '' ? words.name.missing : null),
    host: (host: string) => (host.trim() === '' ? words.host.missing : null),
    port: (port: number | string) => (isPort(port) ? null : words.port.wrong),
    comm_key: (key: string) => (isCommKey(key) ? null : words.commKey.wrong),
  }
}

/** Whether all that the server refuses belongs to fields, where {@link tellFields} shows it. */
export function isAboutFields(error: unknown): boolean {
  const known: readonly string[] = DEVICE_FIELDS
  const fields = error instanceof ApiProblem ? Object.keys(error.fields) : []
  return fields.length > 0 && fields.every(field => known.includes(fieldOf(field)))
}

/** Shows at the fields what the server refuses of them, and leads to the first one. */
export function tellFields(form: DeviceForm, error: unknown): void {
  if (!(error instanceof ApiProblem)) return
  const faults = Object.entries(error.fields).map(([field, message]) => [fieldOf(field), message])
  form.setErrors(Object.fromEntries(faults))
  focusFirst(form, Object.fromEntries(faults))
}

/** A tag that is refused has its place in the list in its name. */
function fieldOf(path: string): string {
  return path.split('.')[0] ?? path
}

/** Leads to the first field that has a fault. */
export function focusFirst(form: DeviceForm, faults: Readonly<Record<string, unknown>>): void {
  const first = DEVICE_FIELDS.find(field => faults[field] !== undefined)
  if (first !== undefined) focusField(form, first)
}

/** After what is on its way to the page has come. */
export function focusField(form: DeviceForm, field: string): void {
  requestAnimationFrame(() => form.getInputNode(field)?.focus())
}

/** The settings of a device, saved or not. */
export function DeviceFields({ form, hasCommKey }: { form: DeviceForm; hasCommKey: boolean | 'new' }) {
  const { deviceForm: words } = useTexts()
  return (
    <Stack maw={560}>
      <TextInput
        label={words.name.label}
        description={words.name.hint}
        required
        maxLength={100}
        {...form.getInputProps('name')}
      />
      <Group align="start" wrap="nowrap" gap="sm">
        <TextInput
          flex={1}
          label={words.host.label}
          description={words.host.hint}
          required
          dir="ltr"
          spellCheck={false}
          {...form.getInputProps('host')}
        />
        <NumberInput
          w={130}
          label={words.port.label}
          description={words.port.hint}
          required
          hideControls
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('port')}
        />
      </Group>
      <CommKeyField form={form} hasCommKey={hasCommKey} />
      <Select
        label={words.transport.label}
        description={words.transport.hint}
        allowDeselect={false}
        data={Object.entries(words.transport.choices).map(([value, label]) => ({ value, label }))}
        {...form.getInputProps('transport')}
      />
      <ZoneField form={form} />
      <Switch
        label={words.live.label}
        description={words.live.hint}
        {...form.getInputProps('is_live', { type: 'checkbox' })}
      />
      <Switch
        label={words.setsClock.label}
        description={words.setsClock.hint}
        {...form.getInputProps('sets_clock', { type: 'checkbox' })}
      />
      <TagsInput
        label={words.tags.label}
        description={words.tags.hint}
        placeholder={words.tags.placeholder}
        clearable={false}
        splitChars={[',', '،']}
        {...form.getInputProps('tags')}
      />
    </Stack>
  )
}

const ZONES_SHOWN = 30

function ZoneField({ form }: { form: DeviceForm }) {
  const { timezone: words } = useTexts().deviceForm
  const [zones] = useState(() => Intl.supportedValuesOf('timeZone'))
  return (
    <Autocomplete
      label={words.label}
      description={words.hint}
      required
      dir="ltr"
      data={zones}
      limit={ZONES_SHOWN}
      {...form.getInputProps('timezone')}
    />
  )
}

/** The key is never told: of a saved device it is said whether there is one, and another may be given. */
function CommKeyField({ form, hasCommKey }: { form: DeviceForm; hasCommKey: boolean | 'new' }) {
  const { commKey: words } = useTexts().deviceForm
  const [isOpen, setOpen] = useState(hasCommKey === 'new')
  // What is refused must be seen, and stay while it is mended.
  if (!isOpen && form.errors.comm_key !== undefined) setOpen(true)
  if (!isOpen) {
    return (
      <Group justify="space-between" gap="sm">
        <div>
          <Text size="sm" fw={600}>
            {words.label}
          </Text>
          <Text size="sm" c="dimmed">
            {hasCommKey === true ? words.set : words.none}
          </Text>
        </div>
        <Button variant="default" size="xs" onClick={() => setOpen(true)}>
          {words.change}
        </Button>
      </Group>
    )
  }
  return (
    <SecretInput
      label={words.label}
      description={hasCommKey === 'new' ? words.hintNew : words.hintChange}
      inputMode="numeric"
      autoComplete="off"
      autoFocus={hasCommKey !== 'new'}
      dir="ltr"
      {...form.getInputProps('comm_key')}
    />
  )
}
