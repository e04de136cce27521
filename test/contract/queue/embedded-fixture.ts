import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { GRACE_MS, JOB_PAUSES_MS } from '../../../src/model/job-queue.ts'
import type { JobStore } from '../../../src/model/job-store.ts'
import type { Store } from '../../../src/model/store.ts'
import { EmbeddedQueue, JOB_LEASE_MS } from '../../../src/queue/embedded/embedded-queue.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts'
import { VirtualClock } from '../../simulation/virtual-clock.ts'
import type { QueueFixture, QueueProcess } from './fixture.ts'

export interface EmbeddedProcess extends QueueProcess {
  readonly store: Store
  /** Ends the stall: it renews again. */
  goOn(): void
  /** From now on the database refuses this. */
  refuse(method: keyof JobStore): void
}

export interface EmbeddedFixture extends QueueFixture {
  readonly clock: VirtualClock
  open(): Promise<EmbeddedProcess>
  /** Holders whose death is known at once, as that of a process of this machine; the names are `process 1` and so on. */
  readonly dead: Set<string>
}

/** The embedded queue on a fresh SQLite file, each process with a connection of its own, on one virtual clock. */
export function openEmbeddedFixture(): EmbeddedFixture {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-queue-'))
  const clock = new VirtualClock()
  const random = seededRandom(7)
  const secrets = { seal: (text: string) => text, open: (sealed: string) => sealed }
  const queues: EmbeddedQueue[] = []
  const stores: Store[] = []
  const dead = new Set<string>()
  let isAway = false

  return {
    times: { pausesMs: JOB_PAUSES_MS, graceMs: GRACE_MS, takeOverMsMax: JOB_LEASE_MS + 5_000, patienceMs: 15_000 },
    clock,
    dead,
    async open() {
      const store = await openSqliteStore({ path: join(folder, 'rollcall.db'), clock, secrets })
      stores.push(store)
      let state: 'runs' | 'stalls' | 'crashed' = 'runs'
      const refused = new Set<keyof JobStore>()
      const jobs = throughGate(store.jobs, method => {
        if (state === 'crashed') return 'never'
        if (isAway) return 'away'
        if (refused.has(method)) return 'refused'
        return state === 'stalls' && method === 'renew' ? 'nothing' : 'on'
      })
      const queue = new EmbeddedQueue({
        jobs,
        holder: `process ${stores.length}`,
        isHolderDead: holder => dead.has(holder),
        base: { clock, random, log: silentLog },
      })
      queues.push(queue)
      return {
        queue,
        store,
        stall: () => {
          state = 'stalls'
        },
        goOn: () => {
          state = 'runs'
        },
        refuse: method => {
          refused.add(method)
        },
        async crash() {
          state = 'crashed'
          queues.splice(queues.indexOf(queue), 1)
        },
      }
    },
    async beginOutage() {
      isAway = true
      return {
        async end() {
          isAway = false
        },
      }
    },
    run: body => clock.run(body),
    async [Symbol.asyncDispose]() {
      await clock.run(Promise.all(queues.map(queue => queue[Symbol.asyncDispose]())))
      await clock.run(Promise.all(stores.map(store => store[Symbol.asyncDispose]())))
      rmSync(folder, { recursive: true })
    },
  }
}

/** The same store behind a gate that is asked at each call. */
function throughGate(
  jobs: JobStore,
  gate: (method: keyof JobStore) => 'on' | 'away' | 'refused' | 'never' | 'nothing',
): JobStore {
  const pass = async <Result>(
    method: keyof JobStore,
    call: () => Promise<Result>,
    nothing?: Result,
  ): Promise<Result> => {
    const way = gate(method)
    if (way === 'away') throw new StoreError('STORE_UNAVAILABLE', 'the database is away')
    if (way === 'refused') throw new StoreError('STORE_FAILED', `the database refused ${method}`)
    if (way === 'never') return new Promise(() => {})
    if (way === 'nothing' && nothing !== undefined) return nothing
    return call()
  }
  return {
    enqueue: deviceIds => pass('enqueue', () => jobs.enqueue(deviceIds)),
    claim: request => pass('claim', () => jobs.claim(request)),
    renew: (claims, leaseMs) => pass('renew', () => jobs.renew(claims, leaseMs), []),
    complete: claim => pass('complete', () => jobs.complete(claim)),
    fail: (claim, failure) => pass('fail', () => jobs.fail(claim, failure)),
    giveBack: claims => pass('giveBack', () => jobs.giveBack(claims)),
    recover: request => pass('recover', () => jobs.recover(request)),
    counts: () => pass('counts', () => jobs.counts()),
    list: (state, page) => pass('list', () => jobs.list(state, page)),
    retry: ids => pass('retry', () => jobs.retry(ids)),
    flush: () => pass('flush', () => jobs.flush()),
  }
}
