import { Alert, AppShell, Burger, Button, Group, NavLink, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { LiveUpdates, useLive } from './live/live-updates.tsx'
import { AttendanceIcon, DevicesIcon, OverviewIcon, QuarantineIcon, QueueIcon, SettingsIcon } from './parts/icons.tsx'
import { Pill, type Tone } from './parts/state-pill.tsx'
import { clockText } from './texts/moments.ts'
import { useLanguage, useTexts } from './texts/texts.tsx'
import { TopMenus } from './top-menus.tsx'

const PAGES = [
  { to: '/', name: 'overview', icon: OverviewIcon },
  { to: '/devices', name: 'devices', icon: DevicesIcon },
  { to: '/attendance', name: 'attendance', icon: AttendanceIcon },
  { to: '/queue', name: 'queue', icon: QueueIcon },
  { to: '/quarantine', name: 'quarantine', icon: QuarantineIcon },
  { to: '/settings', name: 'settings', icon: SettingsIcon },
] as const

/** What stands around each page for whoever has signed in: where one is, whether it is live, and the way to everything else. */
export function AppFrame() {
  const navigate = useNavigate()
  const { href } = useLocation()
  const signedOut = useCallback(
    // What is not saved cannot be any more.
    () => void navigate({ to: '/sign-in', search: { next: href, ended: true }, ignoreBlocker: true }),
    [navigate, href],
  )
  const stable = useLatest(signedOut)
  return (
    <LiveUpdates onSignedOut={stable}>
      <Frame key="frame" place={href} />
    </LiveUpdates>
  )
}

/** The same function for ever, which does what the newest one does: a stream is not opened anew for each page. */
function useLatest(newest: () => void): () => void {
  const [box] = useState(() => ({ call: newest }))
  useEffect(() => {
    box.call = newest
  }, [box, newest])
  return useCallback(() => box.call(), [box])
}

function Frame({ place }: { place: string }) {
  const { shell } = useTexts()
  const { state } = useLive()
  const [isOpen, menu] = useDisclosure(false)
  // Whoever has chosen a page wants to see it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is the reason
  useEffect(() => menu.close(), [place])
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
      data-link={state}
    >
      <a className="skip-link" href="#content">
        {shell.skip}
      </a>
      <AppShell.Header className="surface" style={{ borderRadius: 0, borderInline: 0, borderBlockStart: 0 }}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={shell.menu}
              aria-expanded={isOpen}
            />
            <Group
              gap={8}
              wrap="nowrap"
              component={Link}
              {...{ to: '/' }}
              style={{ color: 'inherit', textDecoration: 'none' }}
            >
              <img src="/icon.svg" alt="" width="26" height="26" />
              <Text fw={700} component="span">
                Rollcall
              </Text>
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LinkPill />
            <TopMenus />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="sm"
        className="surface"
        style={{ borderRadius: 0, borderBlock: 0, borderInlineStart: 0 }}
        aria-label={shell.menu}
      >
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
        <Stack gap="md" maw={1280} mx="auto">
          <LostBanner />
          <Outlet />
        </Stack>
      </AppShell.Main>
    </AppShell>
  )
}

function Navigation() {
  const { shell } = useTexts()
  return (
    <Stack gap={2}>
      {PAGES.map(({ to, name, icon: Icon }) => (
        <NavLink
          key={to}
          renderRoot={props => (
            <Link {...props} to={to} activeOptions={{ exact: to === '/' }} activeProps={{ 'data-active': true }} />
          )}
          label={shell.pages[name]}
          leftSection={<Icon />}
          style={{ borderRadius: 'var(--mantine-radius-md)' }}
        />
      ))}
    </Stack>
  )
}

const LINK_TONES: Readonly<Record<ReturnType<typeof useLive>['state'], Tone>> = {
  live: 'ok',
  connecting: 'idle',
  lost: 'bad',
  closed: 'idle',
}

function LinkPill() {
  const { shell } = useTexts()
  const { state } = useLive()
  return (
    <span role="status">
      <Pill tone={LINK_TONES[state]}>{shell.link[state]}</Pill>
    </span>
  )
}

/** Says that what is below may be old, since when, and that nothing is lost. */
function LostBanner() {
  const { language, texts } = useLanguage()
  const { state, lostAt, tryNow } = useLive()
  const { lost } = texts.shell
  if (state !== 'lost') return null
  return (
    <Alert color="orange" variant="outline" className="surface" title={lost.title} role="alert">
      <Group justify="space-between" gap="sm">
        <Text size="sm" maw={760}>
          {lost.since(clockText(language, (lostAt ?? new Date()).getTime()))}
        </Text>
        <Button size="xs" variant="default" onClick={tryNow}>
          {lost.tryNow}
        </Button>
      </Group>
    </Alert>
  )
}
