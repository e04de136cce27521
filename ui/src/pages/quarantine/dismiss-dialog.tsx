import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

const NOTE_MAX = 500

/** Dismisses what is chosen, with a note that says why. */
export function DismissDialog({ ids, onDone }: { ids: readonly number[]; onDone: () => void }) {
  const { dismiss: words } = useTexts().quarantine
  const { shell } = useTexts()
  const [isOpen, dialogue] = useDisclosure(false)
  const [note, setNote] = useState('')
  const dismiss = useChange({
    send: () => apiSend<{ dismissed: number }>('POST', '/api/v1/quarantined-records/dismiss', { ids, note }),
    renews: ['quarantine', 'overview', 'standings', 'standing', 'audit'],
    onDone: ({ dismissed }) => {
      notifications.show({ message: words.done(dismissed) })
      dialogue.close()
      setNote('')
      onDone()
    },
  })
  const verb = words.verb(ids.length)
  const open = () => {
    dismiss.reset()
    dialogue.open()
  }
  return (
    <>
      <Button variant="default" size="sm" disabled={ids.length === 0} onClick={open}>
        {verb}
      </Button>
      <Modal opened={isOpen} onClose={dialogue.close} title={verb} closeButtonProps={{ 'aria-label': shell.close }}>
        <form
          onSubmit={event => {
            event.preventDefault()
            dismiss.mutate()
          }}
        >
          <Stack>
            <Text>{words.effect(ids.length)}</Text>
            {dismiss.error === null ? null : <Problem error={dismiss.error} title={shell.problem.refused} />}
            <Textarea
              label={words.note}
              description={words.noteHint}
              value={note}
              onChange={event => setNote(event.currentTarget.value)}
              maxLength={NOTE_MAX}
              rows={3}
              required
              data-autofocus
            />
            <Group justify="end">
              <Button variant="default" onClick={dialogue.close}>
                {shell.cancel}
              </Button>
              <Button type="submit" loading={dismiss.isPending} disabled={note.trim() === ''}>
                {verb}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
