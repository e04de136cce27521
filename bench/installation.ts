import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import { type Network, nodeNetwork } from '../src/client/network.ts'
import { PollDriver } from '../src/drivers/poll/poll-driver.ts'
import type { Store } from '../src/model/store.ts'
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts'
import { SyncEngine } from '../src/sync/engine.ts'
import type { SyncEvent } from '../src/sync/events.ts'

export interface InstallationOptions {
  readonly path: string
  /** A device each, on this machine. */
  readonly ports: readonly number[]
  /** Whether their punches are to be heard as they happen. */
  readonly listens?: 'listens' | 'polls'
  readonly network?: Network
  readonly onEvent?: (event: SyncEvent) => void
}

export interface Installation {
  readonly store: Store
  readonly engine: SyncEngine
}

/** The real parts, joined as the composition root joins them, on a file of its own, knowing the devices at `ports`. */
export async function openInstallation(options: InstallationOptions): Promise<Installation & AsyncDisposable> {
  const { path, ports, listens = 'polls', network = nodeNetwork } = options
  const base = { clock: systemClock, random: systemRandom, log: silentLog }
  const store = await openSqliteStore({
    path,
    clock: systemClock,
    secrets: { seal: text => text, open: sealed => sealed },
  })
  for (const port of ports) {
    await store.devices.add({
      name: `Bench ${port}`,
      host: '127.0.0.1',
      port,
      transport: 'tcp',
      timezone: 'UTC',
      isActive: true,
      isLive: listens === 'listens',
      setsClock: false,
      commKey: 0,
    })
  }
  const engine = new SyncEngine({
    store,
    driver: new PollDriver({ network, base }),
    base,
    holder: 'bench',
    isHolderDead: () => false,
    onEvent: options.onEvent ?? (() => {}),
  })
  return { store, engine, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
