import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Base } from '../base/base.ts'
import { ConfigError } from '../base/errors.ts'
import { type Network, nodeNetwork } from '../client/network.ts'
import { PollDriver } from '../drivers/poll/poll-driver.ts'
import type { DeviceDriver } from '../model/device-driver.ts'
import type { Store } from '../model/store.ts'
import { SyncEngine } from '../sync/engine.ts'
import type { SyncEvent } from '../sync/events.ts'
import type { Config } from './config.ts'
import { openStore } from './database.ts'
import { makeFolder } from './folders.ts'
import { describeHolder, isHolderDead, nameHolder } from './holder.ts'
import { openPatiently, type StorePatience } from './open-patiently.ts'
import { openSecretBox } from './secret-box.ts'
import { logStoreEvent, syncLogger } from './sync-log.ts'

export type { SyncSummary } from '../sync/engine.ts'
export { type DeviceEvent, isStoreEvent, type StoreEvent, type SyncEvent } from '../sync/events.ts'

/** A running Rollcall: the parts of one installation, joined. */
export interface Rollcall extends AsyncDisposable {
  readonly config: Config
  readonly base: Base
  readonly store: Store
  readonly driver: DeviceDriver
  /** The way to the devices. */
  readonly network: Network
  /** The name of this Rollcall among the processes that share the database; see {@link nameHolder}. */
  readonly holder: string
  /** A sync engine on these parts. What it does is in the log file, whoever listens besides. */
  engine(options: { onEvent: (event: SyncEvent) => void }): SyncEngine
}

export interface RollcallParts {
  readonly network?: Network
  /** Where given, a database server that does not answer yet is waited for. */
  readonly patience?: StorePatience
}

/**
 * Opens the database (creating and migrating it as needed) and joins the parts. Devices are reached over the network of this
 * machine, unless another is given.
 *
 * @throws ConfigError when a folder cannot be made or written; StoreError when the database cannot be opened.
 */
export async function openRollcall(config: Config, base: Base, parts: RollcallParts = {}): Promise<Rollcall> {
  const { network = nodeNetwork, patience } = parts
  checkPlaces(config)
  const secrets = openSecretBox({ storageDir: config.storageDir })
  const open = () => openStore(config.database, { clock: base.clock, secrets })
  const store = patience ? await openPatiently(open, base, loggedPatience(patience, base)) : await open()
  const driver = new PollDriver({ network, base })
  const holder = nameHolder(base.random)
  return {
    config,
    base,
    store,
    driver,
    network,
    holder,
    engine: ({ onEvent }) => {
      const logEvent = syncLogger(base.log)
      return new SyncEngine({
        store,
        driver,
        base,
        holder,
        isHolderDead,
        describeHolder,
        comparison: config.comparison,
        onEvent: event => {
          logEvent(event)
          onEvent(event)
        },
      })
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

function loggedPatience(patience: StorePatience, base: Base): StorePatience {
  return {
    ...patience,
    onEvent: event => {
      logStoreEvent(base.log, event)
      patience.onEvent(event)
    },
  }
}

/** What is known to fail before anything is opened is told with the variable that mends it. */
function checkPlaces({ storageDir, database }: Config): void {
  makeFolderFor('ROLLCALL_STORAGE', storageDir)
  if (database.engine === 'sqlite') checkFile(storageDir, database.path)
}

function checkFile(storageDir: string, path: string): void {
  const folder = dirname(path)
  const variable = folder === storageDir ? 'ROLLCALL_STORAGE' : 'DATABASE_URL'
  makeFolderFor(variable, folder)
  const file = statSync(path, { throwIfNoEntry: false })
  if (file?.isDirectory()) {
    throw new ConfigError('CONFIG_INVALID', `DATABASE_URL needs a file, and ${path} is a folder.`)
  }
  if (file) requireWritable(variable, path)
}

function requireWritable(variable: string, path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new ConfigError('CONFIG_INVALID', `${variable} leads to ${path}, which must not be written here.`, { cause })
  }
}

function makeFolderFor(variable: string, path: string): void {
  try {
    makeFolder(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError('CONFIG_INVALID', `${variable} needs the folder ${path}, which cannot be made: ${reason}`, {
      cause: error,
    })
  }
  if (!statSync(path).isDirectory()) {
    throw new ConfigError('CONFIG_INVALID', `${variable} needs a folder, and ${path} is a file.`)
  }
  requireWritable(variable, path)
}
