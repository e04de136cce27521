import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { apiSend } from './api/client.ts'
import { useMe } from './api/session.ts'
import { LanguageIcon, PersonIcon, SunIcon } from './parts/icons.tsx'
import { useNotice } from './parts/notice.ts'
import { useProblemWords } from './parts/states.tsx'
import { mayLeave } from './parts/unsaved.ts'
import { LANGUAGES, type Language, useLanguage, useTexts } from './texts/texts.tsx'

/** Theme, language, and who is signed in. */
export function TopMenus() {
  return (
    <>
      <ThemeMenu />
      <LanguageMenu />
      <AccountMenu />
    </>
  )
}

const SCHEMES: readonly MantineColorScheme[] = ['light', 'dark', 'auto']

export function ThemeMenu() {
  const { theme } = useTexts().shell
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={theme.label}>
          <SunIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{theme.label}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={scheme => setColorScheme(scheme as MantineColorScheme)}>
          {SCHEMES.map(scheme => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {theme[scheme]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}

export function LanguageMenu() {
  const { texts, language, choose } = useLanguage()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={texts.shell.language}>
          <LanguageIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{texts.shell.language}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={wanted => choose(wanted as Language)}>
          {Object.entries(LANGUAGES).map(([code, { name }]) => (
            <Menu.RadioItem key={code} value={code} lang={code}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}

function AccountMenu() {
  const { shell } = useTexts()
  const me = useMe()
  const navigate = useNavigate()
  const notice = useNotice()
  const wordsOf = useProblemWords()
  const signOut = useMutation({
    mutationFn: () => apiSend('DELETE', '/api/v1/session'),
    onSuccess: () => void navigate({ to: '/sign-in', ignoreBlocker: true }),
    onError: error => notice(`${shell.problem.refused}: ${wordsOf(error, 'change').detail}`),
  })
  const name = shell.signedInAs(me.name, shell.roles[me.role])
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={name}>
          <PersonIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item component="a" href="/docs">
          {shell.documentation}
        </Menu.Item>
        <Menu.Item onClick={() => mayLeave() && signOut.mutate()} disabled={signOut.isPending}>
          {shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
