import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import { type Me, meQuery } from '../../api/resources.ts'
import { useMe } from '../../api/session.ts'
import { Section } from '../../parts/page.tsx'
import { SecretInput } from '../../parts/secret-input.tsx'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

/** Who is signed in, and another password. */
export function MyAccount() {
  const { settings, shell } = useTexts()
  const me = useMe()
  return (
    <Stack>
      <Section title={settings.tabs.me}>
        <Group gap="xl">
          <Fact name={settings.email} value={me.name} />
          <Fact name={settings.role} value={`${shell.roles[me.role]}: ${settings.roleHints[me.role]}`} />
        </Group>
      </Section>
      <Section title={settings.me.password}>
        <PasswordForm email={me.name} />
      </Section>
    </Stack>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text className="said">{value}</Text>
    </div>
  )
}

const START = { present: '', wanted: '', repeat: '' }

function PasswordForm({ email }: { email: string }) {
  const { settings, shell } = useTexts()
  const words = settings.me
  const queries = useQueryClient()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: START,
    validate: { repeat: (value, { wanted }) => (value === wanted ? null : words.differs) },
  })
  const change = useChange({
    send: ({ present, wanted }: typeof START) =>
      apiSend<Me>('POST', '/api/v1/session/password', { current_password: present, new_password: wanted }),
    renews: ['audit'],
    onDone: me => {
      queries.setQueryData(meQuery.queryKey, me)
      form.reset()
      notifications.show({ message: words.done })
    },
  })
  return (
    <form onSubmit={form.onSubmit(values => change.mutate(values))}>
      <Stack maw={420}>
        {change.error === null ? null : <Problem error={change.error} title={shell.problem.refused} />}
        {/* Tells the keeper of passwords of the browser whose they are. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <SecretInput
          label={words.present}
          autoComplete="current-password"
          required
          key={form.key('present')}
          {...form.getInputProps('present')}
        />
        <SecretInput
          label={words.wanted}
          description={words.wantedHint}
          autoComplete="new-password"
          required
          key={form.key('wanted')}
          {...form.getInputProps('wanted')}
        />
        <SecretInput
          label={words.repeat}
          autoComplete="new-password"
          required
          key={form.key('repeat')}
          {...form.getInputProps('repeat')}
        />
        <Text size="sm" c="dimmed">
          {words.effect}
        </Text>
        <Group>
          <Button type="submit" loading={change.isPending}>
            {words.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
