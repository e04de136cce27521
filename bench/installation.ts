import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import { nodeNetwork } from '../src/client/network.ts'
import { PollDriver } from '../src/drivers/poll/poll-driver.ts'
import type { Store } from '../src/model/store.ts'
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts'
import { SyncEngine } from '../src/sync/engine.ts'

export interface Installation {
  readonly store: Store
  readonly engine: SyncEngine
}

/** The real parts, joined as the composition root joins them, on a file of its own, knowing the device at `port`. */
export async function openInstallation(options: {
  path: string
  port: number
}): Promise<Installation & AsyncDisposable> {
  const base = { clock: systemClock, random: systemRandom, log: silentLog }
  const store = await openSqliteStore({
    path: options.path,
    clock: systemClock,
    secrets: { seal: text => text, open: sealed => sealed },
  })
  await store.devices.add({
    name: 'Bench',
    host: '127.0.0.1',
    port: options.port,
    transport: 'tcp',
    timezone: 'Europe/Berlin',
    isActive: true,
    isLive: false,
    setsClock: false,
    commKey: 0,
  })
  const engine = new SyncEngine({
    store,
    driver: new PollDriver({ network: nodeNetwork, base }),
    base,
    holder: 'bench',
    isHolderDead: () => false,
    onEvent: () => {},
  })
  return { store, engine, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
