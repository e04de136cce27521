import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTexts } from '../texts/texts.tsx'

/** A field whose text is hidden. Its button has a name in every language, which the library gives in one. */
export function SecretInput(props: PasswordInputProps) {
  const { shell } = useTexts()
  return <PasswordInput visibilityToggleButtonProps={{ 'aria-label': shell.showSecret }} {...props} />
}
