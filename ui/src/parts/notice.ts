import { notifications } from '@mantine/notifications'
import { useTexts } from '../texts/texts.tsx'

/** Tells that something was done, where nothing on the page shows it. Its button to close has a name, which the library leaves out. */
export function useNotice(): (message: string) => void {
  const { shell } = useTexts()
  return message => notifications.show({ message, closeButtonProps: { 'aria-label': shell.close } })
}
