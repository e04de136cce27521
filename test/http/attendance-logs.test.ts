import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { HttpScene } from './scene.ts'

describe('attendance logs', () => {
  let scene: HttpScene
  let ids: [number, number]
  beforeAll(async () => {
    scene = await HttpScene.open()
    const a = await scene.addLogs(40)
    const b = await scene.addLogs(25)
    ids = [a.device.id, b.device.id]
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  async function all(query: string): Promise<Array<Record<string, unknown>>> {
    const rows: Array<Record<string, unknown>> = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { status, json } = await scene.get(`/api/v1/attendance-logs?${query}${cursor && `&cursor=${cursor}`}`, {
        as: 'viewer',
      })
      assert.equal(status, 200)
      rows.push(...json.data)
      cursor = json.next_cursor
    }
    return rows
  }

  test('pages join without gap or repeat, the newest first', async () => {
    const rows = await all('limit=7')
    assert.equal(new Set(rows.map(row => row.id)).size, 65)
    const order = rows.map(row => [row.punched_at as string, row.id as number] as const)
    const sorted = [...order].sort((x, y) => (x[0] === y[0] ? y[1] - x[1] : x[0] < y[0] ? 1 : -1))
    assert.deepEqual(order, sorted)
  })

  test('filters', async () => {
    const [a, b] = ids
    assert.equal((await all(`device_id=${a}&limit=100`)).length, 40)
    assert.equal((await all(`device_id=${a}&device_id=${b}&limit=9`)).length, 65)
    assert.equal(
      (await all('user=001&limit=100')).every(row => row.device_user_id === '001'),
      true,
    )
    assert.equal((await all('user=1&limit=100')).length, 0, 'zeros count')
    const [newest] = await all(`device_id=${b}&limit=1`)
    const since = encodeURIComponent(String(newest?.punched_at))
    assert.deepEqual(
      (await all(`device_id=${b}&since=${since}`)).map(row => row.id),
      [newest?.id],
    )
    assert.equal((await all('since=1h')).length, 0)
    assert.equal((await all('until=2020-01-01')).length, 0)
    assert.equal((await all('since=2020-01-01&until=2030-01-01&limit=100')).length, 65)
    assert.equal((await all('device_id=999')).length, 0)
  })

  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'cursor=',
    'cursor=abc',
    'cursor=WzEsMl0.AAAAAAAA',
    'since=yesterday',
    'since=2026-02-30',
    'until=99999-01-01',
    'until=900000w',
    'user=',
    'user=%00',
    'device_id=0',
    'device_id=one',
    'device_id=9007199254740993',
    'from=2020-01-01',
  ])
    test(`${query} is refused, and named`, async () => {
      const { status, json, headers } = await scene.get(`/api/v1/attendance-logs?${query}`)
      assert.deepEqual([status, json.code], [422, 'INVALID_REQUEST'])
      assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
      const [error] = json.errors
      assert.equal(error.in, 'query')
      assert.equal(error.field.split('.')[0], query.split('=')[0])
      assert(json.type && json.title && json.detail && json.next_step)
    })

  test('a cursor that was tampered with, or is of another list, is refused', async () => {
    const { next_cursor: cursor } = (await scene.get('/api/v1/attendance-logs?limit=3')).json
    const [body, check] = cursor.split('.')
    const other = Buffer.from(JSON.stringify([0, 1])).toString('base64url')
    for (const wrong of [`${other}.${check}`, body, `${cursor}x`, `${cursor}.${check}`, cursor.slice(1)]) {
      assert.equal((await scene.get(`/api/v1/attendance-logs?cursor=${wrong}`)).status, 422, wrong)
    }
    assert.equal((await scene.get(`/api/v1/sync-runs?cursor=${cursor}`)).status, 422)
  })

  test('one that does not exist is not found', async () => {
    const { status, json } = await scene.get('/api/v1/attendance-logs/4711')
    assert.deepEqual([status, json.code], [404, 'NOT_FOUND'])
    assert.equal((await scene.get('/api/v1/attendance-logs/x')).status, 422)
  })

  test('exports hold what is filtered, in the form that was asked for', async () => {
    const csv = await scene.get(`/api/v1/attendance-logs/export?format=csv&device_id=${ids[1]}`, { as: 'viewer' })
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8')
    assert.match(csv.headers.get('content-disposition') ?? '', /attendance-logs\.csv/)
    assert.equal(csv.text.trimEnd().split('\r\n').length, 26)
    const jsonl = await scene.get('/api/v1/attendance-logs/export?format=jsonl&user=002')
    const rows = jsonl.text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert(rows.length > 10 && rows.every(row => row.device_user_id === '002'))
    assert.equal((await scene.get('/api/v1/attendance-logs/export')).status, 422)
    assert.equal((await scene.get('/api/v1/attendance-logs/export?format=exe')).status, 422)
  })

  test('runs and quarantined records page as well', async () => {
    const runs = (await scene.get('/api/v1/sync-runs?limit=1')).json
    assert.equal(runs.data[0].error_code, 'RUN_INTERRUPTED')
    assert(runs.data[0].next_step)
    const more = (await scene.get(`/api/v1/sync-runs?limit=1&cursor=${runs.next_cursor}`)).json
    assert.deepEqual([more.data[0].device_id, more.next_cursor], [ids[0], null])
    const quarantined = (await scene.get(`/api/v1/quarantined-records?device_id=${ids[0]}`)).json
    assert.deepEqual([quarantined.data[0].raw, quarantined.data[0].reason], ['0102', 'NO_TIME'])
  })
})
