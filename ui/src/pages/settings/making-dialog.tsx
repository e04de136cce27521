import { Button, Group, Modal, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { PlusIcon } from '../../parts/icons.tsx'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

interface Making<Answer> {
  readonly data: Answer | undefined
  readonly error: unknown
  readonly isPending: boolean
  readonly mutate: () => void
  readonly reset: () => void
}

/**
 * A button that opens a form for something new; then the secret that came of it, which is gone once the dialogue is closed, so that
 * nothing but its own button closes it.
 */
export function MakingDialog<Answer>({
  verb,
  making,
  made,
  onOpen,
  children,
}: {
  verb: string
  making: Making<Answer>
  made: (answer: Answer) => { readonly title: string; readonly content: ReactNode }
  onOpen: () => void
  /** The fields. */
  children: ReactNode
}) {
  const { shell } = useTexts()
  const [isOpen, dialogue] = useDisclosure(false)
  const shown = making.data === undefined ? null : made(making.data)
  const open = () => {
    making.reset()
    onOpen()
    dialogue.open()
  }
  return (
    <>
      <Button variant="default" size="sm" leftSection={<PlusIcon />} onClick={open}>
        {verb}
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialogue.close}
        // Secrets are kept no longer than they are shown.
        onExitTransitionEnd={making.reset}
        title={shown?.title ?? verb}
        closeOnClickOutside={shown === null}
        closeOnEscape={shown === null}
        closeButtonProps={{ 'aria-label': shell.close }}
      >
        {shown === null ? (
          <form
            onSubmit={event => {
              event.preventDefault()
              making.mutate()
            }}
          >
            <Stack>
              {making.error === null ? null : <Problem error={making.error} title={shell.problem.refused} />}
              {children}
              <Group justify="end">
                <Button variant="default" onClick={dialogue.close}>
                  {shell.cancel}
                </Button>
                <Button type="submit" loading={making.isPending}>
                  {verb}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Stack>
            {shown.content}
            <Group justify="end">
              <Button onClick={dialogue.close}>{shell.done}</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  )
}
