import { Table, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useChange } from '../../api/change.ts'
import { apiSend } from '../../api/client.ts'
import { type ApiToken, tokensQuery } from '../../api/resources.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { CopyText } from '../../parts/copy-text.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/page.tsx'
import { Pill } from '../../parts/state-pill.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { agoText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'
import { MakingDialog } from './making-dialog.tsx'
import { RoleChoice } from './role-choice.tsx'

/** What programs show in place of signing in. */
export function Tokens() {
  const { settings } = useTexts()
  const words = settings.tokens
  const query = useQuery(tokensQuery)
  return (
    <Section title={settings.tabs.tokens} actions={<MakeToken />}>
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <Read query={query}>
        {tokens =>
          tokens.length === 0 ? (
            <Empty title={words.none.title}>{words.none.text}</Empty>
          ) : (
            <TokenTable tokens={tokens} />
          )
        }
      </Read>
    </Section>
  )
}

function TokenTable({ tokens }: { tokens: readonly ApiToken[] }) {
  const { settings } = useTexts()
  const words = settings.tokens
  return (
    <Table.ScrollContainer minWidth={300} className="data">
      <Table verticalSpacing={6} aria-label={words.caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.name}</Table.Th>
            <Table.Th visibleFrom="sm">{settings.role}</Table.Th>
            <Table.Th visibleFrom="md">{words.begins}</Table.Th>
            <Table.Th visibleFrom="md">{settings.made}</Table.Th>
            <Table.Th>{words.lastUsed}</Table.Th>
            <Table.Th visibleFrom="sm">{settings.state}</Table.Th>
            <Table.Th>{settings.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map(token => (
            <TokenRow key={token.id} token={token} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function TokenRow({ token }: { token: ApiToken }) {
  const { settings, shell } = useTexts()
  const words = settings.tokens
  const isRevoked = token.revoked_at !== null
  const state = isRevoked ? <Pill tone="idle">{words.revoked}</Pill> : <Pill tone="ok">{words.active}</Pill>
  return (
    <Table.Tr>
      <Table.Td>
        <span className="said">{token.name}</span>
        <Text hiddenFrom="sm" size="sm" c="dimmed" component="div">
          {shell.roles[token.role]} · {state}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{shell.roles[token.role]}</Table.Td>
      <Table.Td visibleFrom="md" className="bytes">
        {token.prefix}…
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Moment at={token.created_at} />
      </Table.Td>
      <Table.Td>
        <Moment at={token.last_used_at} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {state}
        {isRevoked ? (
          <Text size="xs" c="dimmed" component="div">
            <Moment at={token.revoked_at} />
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>{isRevoked ? null : <Revoke token={token} />}</Table.Td>
    </Table.Tr>
  )
}

function Revoke({ token: { id, name, last_used_at: usedAt } }: { token: ApiToken }) {
  const { language, texts } = useLanguage()
  const words = texts.settings.tokens
  const act = useChange({ send: () => apiSend('DELETE', `/api/v1/tokens/${id}`), renews: ['tokens', 'audit'] })
  const ago = usedAt === null ? null : (agoText(language, Date.parse(usedAt), Date.now()) ?? texts.shell.ago.justNow)
  return (
    <ConfirmButton
      size="compact-sm"
      verb={words.revoke}
      title={words.revokeOf(name)}
      effect={ago === null ? words.revokeUnused : words.revokeUsed(ago)}
      act={act}
    />
  )
}

const START = { name: '', role: 'viewer' as ApiToken['role'] }

function MakeToken() {
  const { settings } = useTexts()
  const words = settings.tokens
  const [wanted, setWanted] = useState(START)
  const making = useChange({
    send: () => apiSend<ApiToken & { token: string }>('POST', '/api/v1/tokens', wanted),
    renews: ['tokens', 'audit'],
  })
  return (
    <MakingDialog
      verb={words.add}
      making={making}
      onOpen={() => setWanted(START)}
      made={({ name, token }) => ({
        title: words.made(name),
        content: (
          <>
            <Text>{settings.shownOnce}</Text>
            <CopyText label={words.token} text={token} />
            <CopyText label={words.example} text={exampleOf(token)} />
          </>
        ),
      })}
    >
      <TextInput
        label={words.name}
        description={words.nameHint}
        maxLength={100}
        autoComplete="off"
        required
        data-autofocus
        value={wanted.name}
        onChange={event => setWanted({ ...wanted, name: event.currentTarget.value })}
      />
      <RoleChoice value={wanted.role} onChange={role => setWanted({ ...wanted, role })} />
    </MakingDialog>
  )
}

function exampleOf(token: string): string {
  return `curl -H "Authorization: Bearer ${token}" '${window.location.origin}/api/v1/attendance-logs?since=1d&limit=100'`
}
