import { useBlocker } from '@tanstack/react-router'
import { useEffect } from 'react'

/** What is changed and not saved on the page asks here, before it is left behind. */
const questions = new Set<() => boolean>()

/** Asks whoever is about to leave in another way than by an address, such as by signing out. */
export function mayLeave(): boolean {
  return [...questions].every(ask => ask())
}

/** Asks before the page or its tab is left, for as long as something is changed. */
export function useUnsaved(isChanged: () => boolean, question: string): void {
  const ask = () => !isChanged() || window.confirm(question)
  useBlocker({
    shouldBlockFn: ({ current, next }) => isElsewhere(current, next) && !ask(),
    enableBeforeUnload: isChanged,
  })
  useEffect(() => {
    questions.add(ask)
    return () => void questions.delete(ask)
  })
}

interface Place {
  readonly pathname: string
  readonly search: object
}

/** The same page at another heading, or with something opened on it, keeps what is typed. */
function isElsewhere(current: Place, next: Place): boolean {
  return current.pathname !== next.pathname || tabOf(current) !== tabOf(next)
}

function tabOf({ search }: Place): unknown {
  return 'tab' in search ? search.tab : undefined
}
