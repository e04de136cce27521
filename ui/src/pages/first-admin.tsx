import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { apiSend } from '../api/client.ts'
import { type Me, meQuery } from '../api/resources.ts'
import { SecretInput } from '../parts/secret-input.tsx'
import { Problem } from '../parts/states.tsx'
import { useTexts } from '../texts/texts.tsx'
import { EntryFrame } from './entry-frame.tsx'

const START = { email: '', password: '', repeat: '' }

/** Where the link of the console leads. Its secret stands behind the `#`, which browsers keep to themselves. */
export function FirstAdminPage() {
  const { shell, entry } = useTexts()
  const words = entry.firstAdmin
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [token] = useState(() => window.location.hash.slice(1))
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: START,
    validate: { repeat: (value, { password }) => (value === password ? null : words.differs) },
  })
  const submit = useMutation({
    mutationFn: ({ email, password }: typeof START) =>
      apiSend<Me>('POST', '/api/v1/first-admin', { token, email, password }),
    onSuccess: me => {
      queries.setQueryData(meQuery.queryKey, me)
      void navigate({ to: '/', replace: true })
    },
  })
  if (token === '') {
    return (
      <EntryFrame title={words.title}>
        <Text>{words.noToken}</Text>
      </EntryFrame>
    )
  }
  return (
    <EntryFrame title={words.title} lead={words.text}>
      <form onSubmit={form.onSubmit(values => submit.mutate(values))}>
        <Stack>
          {submit.error === null ? null : <Problem error={submit.error} title={shell.problem.refused} />}
          <TextInput
            label={words.email}
            type="email"
            autoComplete="username"
            required
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <SecretInput
            label={words.password}
            description={words.passwordHint}
            autoComplete="new-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <SecretInput
            label={words.repeat}
            autoComplete="new-password"
            required
            key={form.key('repeat')}
            {...form.getInputProps('repeat')}
          />
          <Button type="submit" loading={submit.isPending}>
            {words.submit}
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  )
}
