import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useIsAdmin } from '../api/session.ts'
import { Page } from '../parts/page.tsx'
import { SETTINGS_TABS, settingsSearch } from '../search.ts'
import { useTexts } from '../texts/texts.tsx'
import { Accounts } from './settings/accounts.tsx'
import { AuditLog } from './settings/audit-log.tsx'
import { MyAccount } from './settings/my-account.tsx'
import { Tokens } from './settings/tokens.tsx'

const route = getRouteApi('/frame/settings')

/** One's own account, and for admins those of others, tokens and the audit log. */
export function SettingsPage() {
  const { settings } = useTexts()
  const isAdmin = useIsAdmin()
  const { tab = 'me' } = route.useSearch()
  const navigate = route.useNavigate()
  if (!isAdmin) {
    return (
      <Page title={settings.title}>
        <MyAccount />
      </Page>
    )
  }
  return (
    <Page title={settings.title}>
      <Tabs
        value={tab}
        onChange={chosen => void navigate({ search: settingsSearch({ tab: chosen }), replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {SETTINGS_TABS.map(name => (
            <Tabs.Tab key={name} value={name}>
              {settings.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="me">
          <MyAccount />
        </Tabs.Panel>
        <Tabs.Panel value="accounts">
          <Accounts />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <AuditLog />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
