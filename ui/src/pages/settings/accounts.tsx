import { Box, Table, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import { type Account, accountsQuery } from '../../api/resources.ts'
import { useMe } from '../../api/session.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/page.tsx'
import { Pill } from '../../parts/state-pill.tsx'
import { Read } from '../../parts/states.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { AccountActions } from './account-actions.tsx'
import { MakingDialog } from './making-dialog.tsx'
import { RoleChoice } from './role-choice.tsx'

/** Who may sign in. There is always one: whoever reads this. */
export function Accounts() {
  const { settings } = useTexts()
  const words = settings.accounts
  const query = useQuery(accountsQuery)
  return (
    <Section title={settings.tabs.accounts} actions={<AddAccount />}>
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <Read query={query}>{accounts => <AccountTable accounts={accounts} />}</Read>
    </Section>
  )
}

function AccountTable({ accounts }: { accounts: readonly Account[] }) {
  const { settings } = useTexts()
  return (
    <Table.ScrollContainer minWidth={300} className="data">
      <Table verticalSpacing={6} aria-label={settings.accounts.caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{settings.email}</Table.Th>
            <Table.Th visibleFrom="sm">{settings.role}</Table.Th>
            <Table.Th visibleFrom="sm">{settings.state}</Table.Th>
            <Table.Th visibleFrom="md">{settings.made}</Table.Th>
            <Table.Th visibleFrom="sm">{settings.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map(account => (
            <AccountRow key={account.id} account={account} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function AccountRow({ account }: { account: Account }) {
  const { settings, shell } = useTexts()
  const words = settings.accounts
  const me = useMe()
  const isMe = me.kind === 'account' && me.id === String(account.id)
  const state = account.is_disabled ? <Pill tone="idle">{words.disabled}</Pill> : <Pill tone="ok">{words.active}</Pill>
  // Nobody shuts the door behind which they are: another admin can.
  const actions = isMe ? (
    <Text size="sm" c="dimmed">
      {words.you}
    </Text>
  ) : (
    <AccountActions account={account} />
  )
  return (
    <Table.Tr>
      <Table.Td>
        <span className="said">{account.email}</span>
        <Text hiddenFrom="sm" size="sm" c="dimmed" component="div">
          {shell.roles[account.role]} · {state}
        </Text>
        <Box hiddenFrom="sm" mt={4}>
          {actions}
        </Box>
      </Table.Td>
      <Table.Td visibleFrom="sm">{shell.roles[account.role]}</Table.Td>
      <Table.Td visibleFrom="sm">{state}</Table.Td>
      <Table.Td visibleFrom="md">
        <Moment at={account.created_at} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{actions}</Table.Td>
    </Table.Tr>
  )
}

const START = { email: '', role: 'viewer' as Account['role'] }

function AddAccount() {
  const { settings } = useTexts()
  const words = settings.accounts
  const [wanted, setWanted] = useState(START)
  const making = useChange({
    send: () => apiSend<Account & { password: string }>('POST', '/api/v1/accounts', wanted),
    renews: ['accounts', 'audit'],
  })
  return (
    <MakingDialog
      verb={words.add}
      making={making}
      onOpen={() => setWanted(START)}
      made={({ email, password }) => ({
        title: words.made(email),
        content: (
          <>
            <Text>{settings.shownOnce}</Text>
            <CopyText label={words.password} text={password} />
          </>
        ),
      })}
    >
      <TextInput
        label={settings.email}
        description={words.addHint}
        type="email"
        autoComplete="off"
        required
        data-autofocus
        value={wanted.email}
        onChange={event => setWanted({ ...wanted, email: event.currentTarget.value })}
      />
      <RoleChoice value={wanted.role} onChange={role => setWanted({ ...wanted, role })} />
    </MakingDialog>
  )
}
