import { Button, Center } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTexts } from '../../texts/texts.tsx'

/** Rows that are drawn at once; more would make typing in the search slow. */
const ROWS = 50
/** So far before the end is seen, the next ones are drawn. */
const AHEAD = '600px'

/** The first rows of a list, and more of them on demand. It stays where it is while the rows change. */
export function usePortion<Item>(all: readonly Item[]): { part: readonly Item[]; more: () => void } {
  const [rows, setRows] = useState(ROWS)
  return { part: all.slice(0, rows), more: () => setRows(before => before + ROWS) }
}

/** The end of what is drawn: it goes on as one scrolls there, or by a button. */
export function MoreDevices({ onMore }: { onMore: () => void }) {
  const { shell } = useTexts()
  const { ref, entry } = useIntersection({ rootMargin: AHEAD })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once each time that it comes into sight
  useEffect(() => {
    if (entry?.isIntersecting) onMore()
  }, [entry])
  return (
    <Center ref={ref} py="xs">
      <Button variant="default" onClick={onMore}>
        {shell.more}
      </Button>
    </Center>
  )
}
