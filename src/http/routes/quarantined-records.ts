import { whoAsks } from '../access.ts'
import { IdParams } from '../api/common.ts'
import { DecodedAgain, Dismissal, Dismissed, QuarantinedRecordPage, QuarantineQuery } from '../api/quarantine.ts'
import type { Api } from '../app.ts'
import { decodeNumbers } from '../cursor.ts'
import { pageFrom } from '../paging.ts'
import type { HttpParts } from '../parts.ts'
import { type OpenStreams, untilGone } from '../streams.ts'
import { quarantinedRecordJson } from '../views.ts'

const LIST = 'quarantined-records'
const tags = ['quarantine']

export function addQuarantineRoutes(app: Api, parts: HttpParts, streams: OpenStreams): void {
  addListRoute(app, parts)
  addDecodingRoute(app, parts, streams)
  addDismissalRoute(app, parts)
}

function addListRoute(app: Api, { store }: HttpParts): void {
  app.get(
    '/api/v1/quarantined-records',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listQuarantinedRecords',
        tags,
        summary: 'Records that cannot be punches, the newest first',
        querystring: QuarantineQuery,
        response: { 200: QuarantinedRecordPage },
      },
    },
    async request => {
      const { device_id: deviceId, state, limit, cursor } = request.query
      const records = await store.quarantine.page({
        limit: limit + 1,
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(state === undefined ? {} : { state }),
        ...(cursor === undefined ? {} : { before: decodeNumbers(LIST, cursor, 1)[0] as number }),
      })
      const { rows, next_cursor } = pageFrom(LIST, records, { limit, placeOf: record => [record.id] })
      const ids = [...new Set(rows.map(record => record.deviceId))]
      const devices = ids.length === 0 ? [] : await store.devices.list({ ids })
      const names = new Map(devices.map(({ id, name }) => [id, name]))
      return { data: rows.map(row => quarantinedRecordJson(row, names.get(row.deviceId) ?? null)), next_cursor }
    },
  )
}

function addDecodingRoute(app: Api, { work, audit, base }: HttpParts, streams: OpenStreams): void {
  app.post(
    '/api/v1/quarantined-records/:id/decode',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'decodeQuarantinedRecord',
        tags,
        summary: 'Decodes a record again, by the rules of this version',
        description:
          'What is a punch after all becomes an attendance log, and its record is dismissed with a note. Waits up to half a minute for a process that is in conversation with the device; then it is `LEASE_HELD`, to be tried again.',
        params: IdParams,
        response: { 200: DecodedAgain },
      },
    },
    async (request, reply) => {
      using client = untilGone(reply, streams)
      const { id } = request.params
      const who = whoAsks(request)
      const decoded = await work.decodeAgain({ id, by: who }, client.signal)
      const { outcome, attendance_log: log } = decoded
      const details = { outcome, attendance_log: log?.id ?? null }
      await audit.record({ who, action: 'quarantined_record.decoded', subject: `quarantined record ${id}`, details })
      base.log.info(`Quarantined record ${id} decoded again by ${who}: ${outcome}`)
      return decoded
    },
  )
}

function addDismissalRoute(app: Api, { store, audit, base }: HttpParts): void {
  app.post(
    '/api/v1/quarantined-records/dismiss',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'dismissQuarantinedRecords',
        tags,
        summary: 'Dismisses records: they stay, and are open no more',
        description: 'One that was dismissed before keeps its note, and ids that are not there are passed over.',
        body: Dismissal,
        response: { 200: Dismissed },
      },
    },
    async request => {
      const { ids, note } = request.body
      const who = whoAsks(request)
      const dismissed = await store.quarantine.dismiss({ ids, by: who, note })
      const details = { ids, note, dismissed }
      await audit.record({ who, action: 'quarantined_records.dismissed', subject: null, details })
      base.log.info(`${dismissed} quarantined records dismissed by ${who}`)
      return { dismissed }
    },
  )
}
