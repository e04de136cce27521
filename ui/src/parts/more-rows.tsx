import { Button, Center, Text } from '@mantine/core'
import { useTexts } from '../texts/texts.tsx'

/** Below a list that is read page by page: the next page, or that this is all. */
export function MoreRows({
  list,
  count,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  count: number
}) {
  const { shell } = useTexts()
  return (
    <Center py="xs">
      {list.hasNextPage ? (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {shell.more}
        </Button>
      ) : (
        <Text size="sm" c="dimmed">
          {shell.allShown(count)}
        </Text>
      )}
    </Center>
  )
}
