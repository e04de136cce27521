import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import type { Account } from '../../api/resources.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { SecretInput } from '../../parts/secret-input.tsx'
import { Problem } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'

const SMALL = { size: 'compact-sm' } as const
const RENEWS = ['accounts', 'audit']

/** What an admin does with the account of somebody else. */
export function AccountActions({ account }: { account: Account }) {
  return (
    <Group gap={6}>
      <ChangeRole account={account} />
      <SetPassword account={account} />
      <ChangeState account={account} />
      <Remove account={account} />
    </Group>
  )
}

function useAccountChange({ id }: Account, change: object) {
  return useChange({ send: () => apiSend<Account>('PATCH', `/api/v1/accounts/${id}`, change), renews: RENEWS })
}

function ChangeRole({ account }: { account: Account }) {
  const words = useTexts().settings.accounts
  const role = account.role === 'admin' ? 'viewer' : 'admin'
  const act = useAccountChange(account, { role })
  return (
    <ConfirmButton
      {...SMALL}
      verb={words.rename[role]}
      title={words.roleTitle(account.email)}
      effect={words.roleEffect[role]}
      isDangerous={false}
      act={act}
    />
  )
}

function ChangeState({ account }: { account: Account }) {
  const words = useTexts().settings.accounts
  const act = useAccountChange(account, { is_disabled: !account.is_disabled })
  const { email } = account
  return account.is_disabled ? (
    <ConfirmButton
      {...SMALL}
      verb={words.enable}
      title={words.enableTitle(email)}
      effect={words.enableEffect}
      isDangerous={false}
      act={act}
    />
  ) : (
    <ConfirmButton
      {...SMALL}
      verb={words.disable}
      title={words.disableTitle(email)}
      effect={words.disableEffect}
      act={act}
    />
  )
}

function Remove({ account: { id, email } }: { account: Account }) {
  const words = useTexts().settings.accounts
  const act = useChange({ send: () => apiSend('DELETE', `/api/v1/accounts/${id}`), renews: RENEWS })
  return (
    <ConfirmButton
      {...SMALL}
      verb={words.remove}
      title={words.removeTitle(email)}
      effect={words.removeEffect(email)}
      act={act}
    />
  )
}

function SetPassword({ account: { id, email } }: { account: Account }) {
  const { settings, shell } = useTexts()
  const words = settings.accounts
  const [isOpen, dialogue] = useDisclosure(false)
  const [password, setPassword] = useState('')
  const act = useChange({
    send: () => apiSend('PATCH', `/api/v1/accounts/${id}`, { password }),
    renews: RENEWS,
    onDone: () => {
      notifications.show({ message: words.passwordSet(email) })
      dialogue.close()
    },
  })
  const open = () => {
    act.reset()
    setPassword('')
    dialogue.open()
  }
  return (
    <>
      <Button {...SMALL} variant="default" onClick={open}>
        {words.setPassword}
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialogue.close}
        title={words.setPasswordTitle(email)}
        closeButtonProps={{ 'aria-label': shell.close }}
      >
        <form
          onSubmit={event => {
            event.preventDefault()
            act.mutate()
          }}
        >
          <Stack>
            <Text>{words.setPasswordEffect}</Text>
            {act.error === null ? null : <Problem error={act.error} title={shell.problem.refused} />}
            <SecretInput
              label={settings.me.wanted}
              description={settings.me.wantedHint}
              autoComplete="new-password"
              required
              data-autofocus
              value={password}
              onChange={event => setPassword(event.currentTarget.value)}
            />
            <Group justify="end">
              <Button variant="default" onClick={dialogue.close}>
                {shell.cancel}
              </Button>
              <Button type="submit" loading={act.isPending}>
                {words.setPasswordSubmit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
