import { RollcallError } from '../../base/errors.ts'
import { checkTimezone } from '../../model/device-input.ts'
import { Overview, type OverviewJson, OverviewQuery } from '../api/standings.ts'
import type { Api } from '../app.ts'
import { hoursOfDay } from '../day-hours.ts'
import type { HttpParts } from '../parts.ts'
import { invalidField } from '../problems.ts'

export function addOverviewRoute(app: Api, { store, queue, work, base }: HttpParts): void {
  app.get(
    '/api/v1/overview',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getOverview',
        tags: ['overview'],
        summary: 'The fleet at a glance: devices by state, quarantine, the queue, and the punches of today by hour',
        description:
          'It is told by no event of its own: ask again after `device.status` and `sync.finished` of /api/v1/events.',
        querystring: OverviewQuery,
        response: { 200: Overview },
      },
    },
    async request => {
      const timezone = zoneFrom(request.query.timezone)
      const { date, hours } = hoursOfDay(base.clock.now(), timezone)
      const counts = await store.standings.punchesIn(hours)
      const quarantined = await store.standings.openQuarantine()
      return {
        devices: await work.countStates(),
        quarantined: sum([...quarantined.values()]),
        jobs: await jobsOf(queue),
        today: {
          timezone,
          date,
          punches: sum(counts),
          hours: hours.map(({ from }, i) => ({ from: from.toISOString(), punches: counts[i] ?? 0 })),
        },
      }
    },
  )
}

/** A queue that is away takes nothing with it: how the devices stand is known without it. */
async function jobsOf(queue: HttpParts['queue']): Promise<OverviewJson['jobs']> {
  try {
    return await queue.counts()
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'QUEUE_UNAVAILABLE') return null
    throw error
  }
}

/** @throws RequestProblem where there is no such zone. */
function zoneFrom(text: string | undefined): string {
  if (text === undefined) return Temporal.Now.timeZoneId()
  const checked = checkTimezone(text)
  if ('fault' in checked) throw invalidField('query', 'timezone', checked.fault)
  return checked.value
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
