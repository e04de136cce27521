import { Alert, Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiProblem } from '../api/client.ts'
import { useTexts } from '../texts/texts.tsx'

/** Where there is nothing yet: what it is, why, and what to do first. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children === undefined ? null : (
        <Text c="dimmed" maw={520}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  )
}

/** Grey bars in place of rows that are on their way. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { shell } = useTexts()
  return (
    <Stack gap="xs" aria-busy="true" role="status">
      <VisuallyHidden>{shell.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else to tell them apart
        <Skeleton key={index} height={28} radius="sm" />
      ))}
    </Stack>
  )
}

export interface ProblemWords {
  /** What went wrong, and where it is known, what to do. */
  readonly detail: string
  readonly nextStep: string
  readonly code: string
}

/** What is read is asked for again by itself, and what was to be changed is not. */
type Asked = 'read' | 'change'

export function useProblemWords(): (error: unknown, asked: Asked) => ProblemWords {
  const { problem } = useTexts().shell
  return (error, asked) => {
    if (!(error instanceof ApiProblem)) return { detail: String(error), nextStep: '', code: '' }
    const { code, nextStep } = error
    if (code === 'SERVER_AWAY')
      return { detail: asked === 'read' ? problem.away : problem.awayForChange, nextStep: '', code: '' }
    const fields = Object.entries(error.fields).map(([field, message]) => `${field}: ${message}`)
    const detail = [error.message === '' ? problem.defect : error.message, ...fields].join('\n')
    return { detail, nextStep, code }
  }
}

/** Something could not be read or done: what, and what to do. */
export function Problem({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const { shell } = useTexts()
  const { detail, nextStep, code } = useProblemWords()(error, onRetry === undefined ? 'change' : 'read')
  return (
    <Alert color="red" variant="outline" title={title ?? shell.problem.title} role="alert" className="surface">
      <Stack gap="xs" align="start">
        <Text size="sm" className="said" style={{ whiteSpace: 'pre-line' }}>
          {detail}
        </Text>
        {nextStep === '' ? null : (
          <Text size="sm" className="said">
            {nextStep}
          </Text>
        )}
        {code === '' ? null : (
          <Text size="xs" c="dimmed" ff="monospace">
            {code}
          </Text>
        )}
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            {shell.problem.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

interface Readable<Data> {
  readonly data: Data | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

/** Shows what a query has read: grey bars before, a problem instead, and beside data that are old the problem above them. */
export function Read<Data>({
  query,
  rows,
  children,
}: {
  query: Readable<Data>
  rows?: number
  children: (data: Data) => ReactNode
}) {
  const { data, error, refetch } = query
  if (data === undefined && error === null) return <Loading {...(rows === undefined ? {} : { rows })} />
  return (
    <>
      {error === null ? null : <Problem error={error} onRetry={() => void refetch()} />}
      {data === undefined ? null : children(data)}
    </>
  )
}
