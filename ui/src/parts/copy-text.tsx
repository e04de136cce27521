import { Button, CopyButton, Group, Stack, Text } from '@mantine/core'
import { useTexts } from '../texts/texts.tsx'

/** Bytes, a secret or a command, whole and from left to right, with a button that copies it. */
export function CopyText({ label, text, shown = text }: { label: string; text: string; shown?: string }) {
  const { shell } = useTexts()
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" fw={600}>
          {label}
        </Text>
        {/* Browsers give the clipboard to pages by TLS or of this machine alone; elsewhere the text is marked by hand. */}
        {navigator.clipboard === undefined ? null : (
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="default"
                onClick={copy}
                aria-label={`${copied ? shell.copied : shell.copy}: ${label}`}
              >
                {copied ? shell.copied : shell.copy}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      <div className="surface bytes" style={{ padding: '0.5rem', userSelect: 'all' }}>
        {shown}
      </div>
    </Stack>
  )
}
