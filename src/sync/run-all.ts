/** Runs `work` for each item, at most `limit` at a time. Rejects with the first error, once all that began has ended. */
export async function runAll<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}
