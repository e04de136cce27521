import { Box, Group, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { LanguageMenu, ThemeMenu } from '../top-menus.tsx'

/** Around the pages that are seen before somebody is signed in. */
export function EntryFrame({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  useDocumentTitle(`${title} – Rollcall`)
  return (
    <Box component="main" px="md" py="lg" mih="100vh">
      <Group justify="end" gap="xs">
        <ThemeMenu />
        <LanguageMenu />
      </Group>
      <Stack maw={420} mx="auto" mt={{ base: 'md', sm: '8vh' }} gap="lg">
        <Group gap="sm">
          <img src="/icon.svg" alt="" width="36" height="36" />
          <Title order={1}>{title}</Title>
        </Group>
        {lead === undefined ? null : <Text c="dimmed">{lead}</Text>}
        <Box className="surface" p="lg">
          {children}
        </Box>
      </Stack>
    </Box>
  )
}
