import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Clock } from '../../../src/base/clock.ts'
import type { Store } from '../../../src/model/store.ts'
import { prepare, TickingClock, WRITING_OPERATIONS } from './writing-operations.ts'

/** More than any operation executes. */
const STATEMENTS_MAX = 200

/** One way in which a statement fails, on a database that is there for one test. */
export interface FailingDatabase {
  open(parts: { clock: Pick<Clock, 'now' | 'sleep'>; onStatement: (sql: string) => void }): Promise<Store>
  /** Every row of every table, by table, as it is committed. */
  contents(): Promise<Record<string, unknown[]>>
  /** Makes the statement that comes fail, by throwing or by what it does to the server. */
  strike(): void
  /** Whether a statement can fail in this way without a retry; any, unless told otherwise. */
  canFail?(sql: string): boolean
  assertError(error: unknown): void
}

/** Every operation that writes leaves nothing of its transaction, whichever of its statements fails. */
export function failingStatements(database: () => FailingDatabase | Promise<FailingDatabase>): void {
  for (const [name, operate] of Object.entries(WRITING_OPERATIONS))
    test(`leaves nothing of its transaction, whichever it is: ${name}`, async () => {
      const failing = await database()
      const fault = new Fault(failing)
      const store = await failing.open({ onStatement: sql => fault.pass(sql), clock: new TickingClock() })
      const prepared = await prepare(store)
      const before = await failing.contents()
      let failures = 0
      for (let n = 1; n <= STATEMENTS_MAX; n++) {
        fault.failAt(n)
        const error = await errorOf(operate(prepared))
        const { struckSql } = fault
        fault.heal()
        const after = await failing.contents()
        if (struckSql === null) {
          assert.equal(error, undefined)
          assert.notDeepEqual(after, before, 'the operation writes')
          break
        }
        assert(error instanceof Error, `statement ${n} did not fail: ${struckSql}`)
        failing.assertError(error)
        assert.deepEqual(after, before, `after failure ${n} in ${struckSql}`)
        failures++
      }
      // A write, its begin and its commit; where a begin is done anew, the other two.
      assert(failures >= (failing.canFail ? 2 : 3) && failures < STATEMENTS_MAX, `${failures} failures`)
    })
}

export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return undefined
  } catch (error) {
    return error
  }
}

/** Strikes at the n-th statement from now. */
export class Fault {
  readonly #failing: Pick<FailingDatabase, 'strike' | 'canFail'>
  #left = Number.POSITIVE_INFINITY
  struckSql: string | null = null

  constructor(failing: Pick<FailingDatabase, 'strike' | 'canFail'>) {
    this.#failing = failing
  }

  failAt(n: number): void {
    this.#left = n
    this.struckSql = null
  }

  heal(): void {
    this.#left = Number.POSITIVE_INFINITY
  }

  pass(sql: string): void {
    if (this.#failing.canFail?.(sql) === false || --this.#left !== 0) return
    this.struckSql = sql
    this.#failing.strike()
  }
}
