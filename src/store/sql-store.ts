import type { Clock } from '../base/clock.ts'
import type { SecretBox, Store } from '../model/store.ts'
import { SqlAccounts } from './accounts.ts'
import { SqlAttendanceLogs } from './attendance-logs.ts'
import { SqlAudit } from './audit.ts'
import { SqlClocks } from './clocks.ts'
import { SqlCoverage } from './coverage.ts'
import { SqlDevices } from './devices.ts'
import type { Engine } from './engine.ts'
import { SqlFeed } from './feed.ts'
import { SqlJobs } from './jobs.ts'
import { SqlLeases } from './leases.ts'
import { SqlPeople } from './people.ts'
import { SqlPunches } from './punches.ts'
import { SqlRetention } from './retention.ts'
import { SqlStandings } from './standings.ts'
import { SqlTokens } from './tokens.ts'

/** The store over any engine. Its parts share nothing but the database. */
export function storeOn(engine: Engine, parts: { clock: Pick<Clock, 'now'>; secrets: SecretBox }): Store {
  const { kysely } = engine
  return {
    devices: new SqlDevices({ engine, ...parts }),
    people: new SqlPeople(engine, parts.clock),
    leases: new SqlLeases(engine, parts.clock),
    punches: new SqlPunches(engine, parts.clock),
    coverage: new SqlCoverage(engine, parts.clock),
    clocks: new SqlClocks(engine, parts.clock),
    jobs: new SqlJobs(engine, parts.clock),
    retention: new SqlRetention(engine),
    accounts: new SqlAccounts(engine, parts.clock),
    tokens: new SqlTokens(engine, parts.clock),
    audit: new SqlAudit(engine, parts.clock),
    feed: new SqlFeed(engine, parts.clock),
    logs: new SqlAttendanceLogs(kysely),
    standings: new SqlStandings(kysely, parts.clock),
    async ping() {
      await kysely.selectFrom('devices').select('id').limit(1).execute()
    },
    [Symbol.asyncDispose]: () => engine.close(),
  }
}
