import assert from 'node:assert/strict'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { HttpScene } from './scene.ts'

describe('requests of every kind', () => {
  let scene: HttpScene
  beforeAll(async () => {
    scene = await HttpScene.open()
    await scene.addLogs(5)
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  const dismissWith = (note: string) =>
    scene.ask('POST', '/api/v1/quarantined-records/dismiss', { body: { ids: [1], note } })
  const cases: Array<[string, () => ReturnType<HttpScene['ask']>, number, string]> = [
    ['an unknown route', () => scene.get('/api/v1/nothing'), 404, 'NO_SUCH_ROUTE'],
    ['an unknown route, for nobody', () => scene.get('/nothing', { as: 'nobody' }), 404, 'NO_SUCH_ROUTE'],
    ['a method that a route has not', () => scene.ask('PUT', '/api/v1/devices'), 404, 'NO_SUCH_ROUTE'],
    ['a parameter that a route does not know', () => scene.get('/api/v1/devices/1?foo=1'), 422, 'INVALID_REQUEST'],
    ['a wish that nobody follows', () => scene.ask('DELETE', '/api/v1/devices/1?dry_run=1'), 422, 'INVALID_REQUEST'],
    ['a body with NUL', () => dismissWith('a\0b'), 422, 'INVALID_REQUEST'],
    ['broken JSON', () => scene.ask('POST', '/api/v1/devices', { body: '{"name":' }), 400, 'MALFORMED_REQUEST'],
    [
      'JSON that would poison',
      () => scene.ask('POST', '/api/v1/devices', { body: '{"__proto__":{"a":1}}' }),
      400,
      'MALFORMED_REQUEST',
    ],
    ['an empty body', () => scene.ask('POST', '/api/v1/devices', { body: '' }), 400, 'MALFORMED_REQUEST'],
    ['no body', () => scene.ask('POST', '/api/v1/devices'), 422, 'INVALID_REQUEST'],
    ['a list for a body', () => scene.ask('POST', '/api/v1/devices', { body: [1] }), 422, 'INVALID_REQUEST'],
    [
      'a body of text',
      () => scene.ask('POST', '/api/v1/devices', { body: 'a', headers: { 'content-type': 'text/plain' } }),
      415,
      'UNKNOWN_CONTENT_TYPE',
    ],
    [
      'a form',
      () =>
        scene.ask('POST', '/api/v1/devices', {
          body: 'name=a',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      415,
      'UNKNOWN_CONTENT_TYPE',
    ],
    [
      'a body that is too large',
      () => scene.ask('POST', '/api/v1/devices', { body: { name: 'a'.repeat(300_000) } }),
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'a body that is too large, for nobody',
      () => scene.ask('POST', '/api/v1/devices', { as: 'nobody', body: { name: 'a'.repeat(300_000) } }),
      401,
      'NOT_SIGNED_IN',
    ],
    ['a path with a broken escape', () => scene.get('/api/v1/devices/%zz'), 400, 'MALFORMED_REQUEST'],
    ['an id that is too long', () => scene.get(`/api/v1/devices/${'1'.repeat(300)}`), 400, 'MALFORMED_REQUEST'],
    [
      'too many ids',
      () => scene.ask('POST', '/api/v1/jobs/retry', { body: { ids: Array.from({ length: 1001 }, String) } }),
      422,
      'INVALID_REQUEST',
    ],
    [
      'ids and all',
      () => scene.ask('POST', '/api/v1/jobs/retry', { body: { ids: ['1'], all: true } }),
      422,
      'INVALID_REQUEST',
    ],
    ['no state', () => scene.get('/api/v1/jobs'), 422, 'INVALID_REQUEST'],
  ]
  for (const [what, ask, status, code] of cases)
    test(`${what} is ${status}`, async () => {
      const answer = await ask()
      assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text)
      assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8')
      const { type, title, detail, next_step } = answer.json
      assert(type.startsWith('urn:rollcall:problem:') && title && detail && next_step)
      assert(!/node_modules|\.ts:|at \w+ \(/.test(answer.text), answer.text)
    })

  test('answers do not say what they are made by, and forbid what pages do not need', async () => {
    for (const path of ['/api/v1/health', '/docs', '/nothing', '/api/v1/devices?limit=x']) {
      const { headers } = await scene.get(path)
      assert.equal(headers.get('x-powered-by'), null)
      assert.equal(headers.get('server'), null)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none';script-src 'self';/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /unsafe/)
    }
  })

  test('/docs works under the policy: no inline code, nothing from elsewhere', async () => {
    const page = (await scene.get('/docs', { as: 'nobody' })).text
    assert(!/<script(?![^>]*\bsrc=)[^>]*>/.test(page) && !/\son\w+=/.test(page))
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1] ?? '')
    assert(files.length > 3)
    for (const file of files) {
      assert(!/^(?:https?:)?\/\//.test(file), file)
      assert.equal(
        (await scene.get(new URL(file, `${scene.web.url}/docs/`).pathname, { as: 'nobody' })).status,
        200,
        file,
      )
    }
  })

  test('no path leads to a file of the machine', async () => {
    for (const path of [
      '/docs/static/../../../package.json',
      '/docs/static/..%2f..%2f..%2fpackage.json',
      '/docs/static/%2e%2e/%2e%2e/package.json',
      '/docs/static/..%5c..%5cpackage.json',
      '/docs/static/%252e%252e/package.json',
      '/../../../../etc/passwd',
      '/docs/static//etc/passwd',
      '/docs/static/%00',
    ]) {
      const answer = await rawGet(scene.web.url, path)
      assert.match(answer, /^HTTP\/1\.1 (?:400|403|404) /, `${path}: ${answer.slice(0, 200)}`)
    }
  })

  test('what is no HTTP is answered and closed', async () => {
    for (const text of ['PZ\x00\x01garbage\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n']) {
      assert.match(await raw(scene.web.url, text), /^HTTP\/1\.1 400 /)
    }
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    const [head = '', body = ''] = (await raw(scene.web.url, long)).split('\r\n\r\n')
    assert.match(head, /^content-type: application\/problem\+json/im)
    const { status, code, detail } = JSON.parse(body)
    assert.deepEqual([status, code, detail], [400, 'MALFORMED_REQUEST', 'its headers are longer than 16 KB'])
  })

  test('the head of a stream alone is nothing that can be asked for', async () => {
    const response = await scene.fetch('HEAD', '/api/v1/events')
    assert.equal(response.status, 404)
  })

  test('logs hold no query and no token', async () => {
    await scene.get('/api/v1/attendance-logs?user=secret-person')
    await scene.get('/api/v1/attendance-logs?user=secret-person', {
      as: 'nobody',
      headers: { authorization: 'Bearer secret-token' },
    })
    const lines = scene.logged.join('\n')
    assert.match(lines, /GET \/api\/v1\/attendance-logs 401/)
    assert(!lines.includes('secret'))
  })

  test('any query and any body give an answer that blames nobody here', async () => {
    const reads = scene.web.routes.filter(
      ({ method, url }) => method === 'GET' && url.startsWith('/api') && url !== '/api/v1/events',
    )
    const changes = scene.web.routes.filter(({ method, url }) => /POST|PATCH/.test(method) && !/test$|sync$/.test(url))
    const name = fc.constantFrom(
      'limit',
      'cursor',
      'device_id',
      'user',
      'since',
      'until',
      'state',
      'format',
      'x',
      '__proto__',
      '',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1', '1d', '2026-01-01', 'csv', 'waiting', '-1', '1e9', '99999999999'),
    )
    const id = fc.oneof(
      fc.constantFrom('1', '0', '-1', '9007199254740991', '1e3', '%00'),
      fc.string().map(encodeURIComponent),
    )
    const key = fc.constantFrom(
      'name',
      'host',
      'port',
      'transport',
      'timezone',
      'comm_key',
      'is_active',
      'ids',
      'all',
      'constructor',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...reads),
        id,
        fc.array(fc.tuple(name, text), { maxLength: 4 }),
        async (route, ofPath, pairs) => {
          const query = pairs.map(([n, v]) => `${n}=${encodeURIComponent(v.toWellFormed())}`).join('&')
          const { status, text: said } = await scene.get(`${route.url.replace(':id', ofPath)}?${query}`)
          assert(status < 500, `${route.url} ${ofPath} ${query}: ${said}`)
        },
      ),
      { numRuns: 300 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...changes),
        id,
        fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue())),
        async (route, ofPath, body) => {
          const { status, text: said } = await scene.ask(route.method, route.url.replace(':id', ofPath), { body })
          assert(status < 500, `${route.method} ${route.url} ${JSON.stringify(body)}: ${said}`)
        },
      ),
      { numRuns: 300 },
    )
  })
})

function rawGet(url: string, path: string): Promise<string> {
  return raw(url, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
}

/** What comes back for bytes as they are, without a client that tidies them up. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (data: string) => {
      answer += data
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}
