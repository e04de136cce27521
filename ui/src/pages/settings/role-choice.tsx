import { Radio, Stack } from '@mantine/core'
import type { Account } from '../../api/resources.ts'
import { useTexts } from '../../texts/texts.tsx'

type Role = Account['role']

/** Of a new account or token. */
export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { settings, shell } = useTexts()
  return (
    <Radio.Group label={settings.role} value={value} onChange={role => onChange(role as Role)}>
      <Stack gap="xs" mt={4}>
        {(['viewer', 'admin'] as const).map(role => (
          <Radio key={role} value={role} label={shell.roles[role]} description={settings.roleHints[role]} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
