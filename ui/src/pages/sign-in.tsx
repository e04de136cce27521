import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { apiSend } from '../api/client.ts'
import { type Me, meQuery } from '../api/resources.ts'
import { SecretInput } from '../parts/secret-input.tsx'
import { Problem } from '../parts/states.tsx'
import { useTexts } from '../texts/texts.tsx'
import { EntryFrame } from './entry-frame.tsx'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { signIn } = useTexts().entry
  const { shell } = useTexts()
  const { next, ended } = route.useSearch()
  const { history } = useRouter()
  const queries = useQueryClient()
  // What somebody has read is forgotten once they are signed out, and not before: the page that they leave shows it to its end.
  useEffect(() => queries.clear(), [queries])
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } })
  const submit = useMutation({
    mutationFn: (values: { email: string; password: string }) => apiSend<Me>('POST', '/api/v1/session', values),
    onSuccess: me => {
      queries.setQueryData(meQuery.queryKey, me)
      history.push(next ?? '/')
    },
  })
  return (
    <EntryFrame title={signIn.title} {...(ended ? { lead: signIn.ended } : {})}>
      <form onSubmit={form.onSubmit(values => submit.mutate(values))}>
        <Stack>
          {submit.error === null ? null : <Problem error={submit.error} title={shell.problem.refused} />}
          <TextInput
            label={signIn.email}
            type="email"
            autoComplete="username"
            required
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <SecretInput
            label={signIn.password}
            autoComplete="current-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={submit.isPending}>
            {signIn.submit}
          </Button>
          <Text size="xs" c="dimmed">
            {signIn.forgotten}
          </Text>
        </Stack>
      </form>
    </EntryFrame>
  )
}
