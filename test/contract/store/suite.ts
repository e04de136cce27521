import { describe } from 'vitest'
import { accountsContract } from './accounts.ts'
import { attendanceLogsContract } from './attendance-logs.ts'
import { clocksContract } from './clocks.ts'
import { coverageContract } from './coverage.ts'
import { devicesContract } from './devices.ts'
import { feedContract } from './feed.ts'
import type { OpenStore } from './fixture.ts'
import { jobsContract } from './jobs.ts'
import { leasesContract } from './leases.ts'
import { peopleContract } from './people.ts'
import { punchesContract } from './punches.ts'
import { racesContract } from './races.ts'
import { retentionContract } from './retention.ts'
import { runsContract } from './runs.ts'
import { standingsContract } from './standings.ts'
import { tokensContract } from './tokens.ts'

/** What every store must do. An engine runs it whole, on databases that `open` makes afresh for each test. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`store contract: ${name}`, () => {
    devicesContract(open)
    peopleContract(open)
    leasesContract(open)
    punchesContract(open)
    runsContract(open)
    coverageContract(open)
    clocksContract(open)
    jobsContract(open)
    attendanceLogsContract(open)
    retentionContract(open)
    standingsContract(open)
    accountsContract(open)
    tokensContract(open)
    feedContract(open)
    racesContract(open)
  })
}
