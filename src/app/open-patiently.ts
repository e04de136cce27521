import type { Base } from '../base/base.ts'
import type { Store } from '../model/store.ts'
import type { StoreEvent } from '../sync/events.ts'
import { isUnreachable, StoreOutage } from '../sync/store-outage.ts'

/** For commands that run for ever: a service may well be started before the database server is. */
export interface StorePatience {
  readonly signal: AbortSignal
  /** Told once that it is waited for, and once that it is there. */
  readonly onEvent: (event: StoreEvent) => void
}

/**
 * Opens the store, and waits for a server that does not answer.
 *
 * @throws StoreError for anything else; the reason of the signal when it fires.
 */
export async function openPatiently(open: () => Promise<Store>, base: Base, patience: StorePatience): Promise<Store> {
  let opened: Promise<Store> = open()
  const outage = new StoreOutage({
    base,
    onEvent: patience.onEvent,
    store: {
      async ping() {
        opened = open()
        await opened.catch((error: unknown) => {
          if (isUnreachable(error)) throw error
        })
      },
    },
  })
  try {
    return await opened
  } catch (error) {
    if (!outage.isMetBy(error)) throw error
  }
  await outage.isOver(patience.signal)
  return await opened
}
