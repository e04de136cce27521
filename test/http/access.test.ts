import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Caller, HttpScene, twoWords } from './scene.ts'

describe('who may do what', () => {
  let scene: HttpScene
  beforeAll(async () => {
    scene = await HttpScene.open()
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  const CALLERS: readonly Caller[] = ['nobody', 'viewer', 'admin', 'cookie:viewer', 'cookie:admin']

  test('every route, as everybody', async () => {
    assert(scene.web.routes.length > 30, `${scene.web.routes.length} routes`)
    for (const { method, url, access } of scene.web.routes) {
      if (url === '/api/v1/events') continue
      const path = url.replace(/:\w+/g, '999').replace('*', 'nothing')
      for (const as of CALLERS) {
        const headers = as.startsWith('cookie:') ? { origin: scene.web.url } : {}
        const { status, json } = await scene.ask(method, path, { as, headers })
        const role = as.replace('cookie:', '')
        const expected =
          access === 'public' || role === 'admin' || (access === 'viewer' && role === 'viewer')
            ? 'admitted'
            : role === 'nobody'
              ? 401
              : 403
        const what = `${method} ${url} as ${as}: ${status}`
        if (expected === 'admitted') assert(status !== 401 && status !== 403 && status < 500, what)
        else assert.equal(status, expected, what)
        if (status >= 400 && json) assert.equal(json.status, status, what)
      }
    }
  })

  test('nobody but an admin changes anything', () => {
    const open = scene.web.routes.filter(({ method, access }) => !/^(GET|HEAD)$/.test(method) && access !== 'admin')
    assert.deepEqual(open, [])
    const known = scene.web.routes.filter(({ access }) => access === 'public').map(({ url }) => url)
    assert.deepEqual(
      known.filter(url => !url.startsWith('/docs') && url !== '/openapi.json'),
      ['/api/v1/health', '/api/v1/health', '/', '/'],
    )
  })

  test('a wrong token is nobody, also beside a good cookie', async () => {
    const headers = { authorization: 'Bearer wrong', cookie: 'session=admin' }
    const { status, json } = await scene.get('/api/v1/devices', { as: 'nobody', headers })
    assert.deepEqual([status, json.code], [401, 'NOT_SIGNED_IN'])
  })

  test('a change by cookie needs the origin of this server', async () => {
    const change = (origin: string | undefined, as: Caller = 'cookie:admin', more = {}) =>
      scene.ask('POST', '/api/v1/jobs/retry', {
        as,
        body: { all: true },
        headers: { ...(origin === undefined ? {} : { origin }), ...more },
      })
    assert.equal((await change(scene.web.url)).status, 200)
    const { port } = new URL(scene.web.url)
    for (const origin of [
      undefined,
      'null',
      'https://evil.example',
      `http://127.0.0.1:${Number(port) + 1}`,
      `https://127.0.0.1:${port}`,
      `${scene.web.url}.evil.example`,
      `http://localhost:${port}`,
    ]) {
      const { status, json } = await change(origin)
      assert.deepEqual([status, json.code], [403, 'FOREIGN_ORIGIN'], String(origin))
    }
    // Nobody outside of a trusted proxy may say what this server is called.
    const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    assert.equal((await change('https://evil.example', 'cookie:admin', forged)).status, 403)
    assert.equal((await change(undefined, 'admin')).status, 200, 'a token needs none')
    assert.equal((await change('https://evil.example', 'admin')).status, 200, 'a token needs none')
  })

  test('behind a proxy that is trusted, its word counts', async () => {
    await using behind = await HttpScene.open({ config: { trustProxy: ['127.0.0.1'] } })
    const headers = {
      origin: 'https://rollcall.example',
      'x-forwarded-host': 'rollcall.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.9',
    }
    const { status } = await behind.ask('POST', '/api/v1/jobs/retry', {
      as: 'cookie:admin',
      body: { all: true },
      headers,
    })
    assert.equal(status, 200)
    assert(behind.logged.some(line => line.includes('"ip":"203.0.113.9"')))
  })

  test('a route that does not say who may call it stops the start', async () => {
    const accounts = {
      ...twoWords(),
      register: async (app: Parameters<ReturnType<typeof twoWords>['register']>[0]) =>
        void app.get('/open', async () => 'everything'),
    }
    await assert.rejects(HttpScene.open({ accounts }), /GET,?H?E?A?D? \/open does not say who may call it/)
  })
})
