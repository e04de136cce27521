import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ApiProblem } from '../api/client.ts'
import { Problem } from '../parts/states.tsx'
import { useTexts } from '../texts/texts.tsx'

export function NotFoundPage() {
  const { notFound } = useTexts().shell
  return (
    <Stack component="main" align="center" p="xl" ta="center">
      <Title order={1}>{notFound.title}</Title>
      <Text c="dimmed">{notFound.text}</Text>
      <Button component={Link} {...{ to: '/' }} variant="default">
        {notFound.home}
      </Button>
    </Stack>
  )
}

/** A defect of the page itself, or a server that is away while the page begins. */
export function CrashPage({ error }: { error: unknown }) {
  const { crash, problem } = useTexts().shell
  const reload = () => window.location.reload()
  return (
    <Stack component="main" align="center" p="xl" maw={640} mx="auto">
      <Title order={1}>{error instanceof ApiProblem ? problem.title : crash.title}</Title>
      {error instanceof ApiProblem ? (
        <Problem error={error} />
      ) : (
        <>
          <Text>{crash.text}</Text>
          <Code block>{String(error)}</Code>
        </>
      )}
      <Button variant="default" onClick={reload}>
        {crash.reload}
      </Button>
    </Stack>
  )
}
