import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useTexts } from '../texts/texts.tsx'
import { Problem } from './states.tsx'

/**
 * A button that asks before it acts. `effect` says in numbers what will be gone or changed; `verb` stands on both buttons. The
 * dialogue stays open, with the reason, where it was refused.
 */
export function ConfirmButton({
  verb,
  title,
  effect,
  act,
  isDangerous = true,
  canAct = true,
  ...button
}: {
  verb: string
  title: string
  effect: ReactNode
  act: { mutateAsync: () => Promise<unknown>; isPending: boolean; error: unknown; reset: () => void }
  isDangerous?: boolean
  canAct?: boolean
} & ButtonProps) {
  const { shell } = useTexts()
  const [isOpen, dialogue] = useDisclosure(false, { onOpen: () => act.reset() })
  const confirm = () =>
    act.mutateAsync().then(
      () => dialogue.close(),
      // Shown in the dialogue.
      () => {},
    )
  return (
    <>
      <Button variant="default" size="sm" {...button} onClick={dialogue.open}>
        {verb}
      </Button>
      <Modal opened={isOpen} onClose={dialogue.close} title={title} closeButtonProps={{ 'aria-label': shell.close }}>
        <Stack>
          {typeof effect === 'string' ? <Text className="said">{effect}</Text> : effect}
          {act.error === null ? null : <Problem error={act.error} title={shell.problem.refused} />}
          <Group justify="end">
            <Button variant="default" onClick={dialogue.close} data-autofocus>
              {shell.cancel}
            </Button>
            <Button
              {...(isDangerous ? { color: 'red.9' } : {})}
              loading={act.isPending}
              disabled={!canAct}
              onClick={() => void confirm()}
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
