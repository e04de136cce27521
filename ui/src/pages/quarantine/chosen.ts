/** As many as the API dismisses at once. */
const CHOSEN_MAX = 1000

/** Those that are both chosen and still listed: one that somebody else has dismissed meanwhile is counted no more. */
export function chosenOf(listed: readonly { readonly id: number }[], chosen: ReadonlySet<number>): readonly number[] {
  return listed
    .map(({ id }) => id)
    .filter(id => chosen.has(id))
    .slice(0, CHOSEN_MAX)
}

export function toggled(chosen: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}
