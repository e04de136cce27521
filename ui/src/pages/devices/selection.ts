import { useCallback, useState } from 'react'

/** Which of the devices shown are selected. */
export interface Selection {
  readonly ids: readonly number[]
  readonly has: (id: number) => boolean
  /** The same function for ever. */
  readonly toggle: (id: number) => void
  readonly clear: () => void
  /** What a checkbox for all of them shows and does. */
  readonly all: { readonly checked: boolean; readonly indeterminate: boolean; readonly onChange: () => void }
}

/** What a filter hides is not selected: nothing is done with a device that is not seen. */
export function useSelection(shownIds: readonly number[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const toggle = useCallback(
    (id: number) =>
      setChosen(before => {
        const after = new Set(before)
        if (!after.delete(id)) after.add(id)
        return after
      }),
    [],
  )
  const ids = shownIds.filter(id => chosen.has(id))
  const areAll = ids.length > 0 && ids.length === shownIds.length
  return {
    ids,
    has: id => chosen.has(id),
    toggle,
    clear: () => setChosen(new Set()),
    all: {
      checked: areAll,
      indeterminate: ids.length > 0 && !areAll,
      onChange: () => setChosen(new Set(areAll ? [] : shownIds)),
    },
  }
}
