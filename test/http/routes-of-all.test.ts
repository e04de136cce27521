import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { makeToken, openAccountsOf } from '../../src/app/accounts.ts'
import type { Role } from '../../src/model/accounts.ts'
import { HttpScene } from './scene.ts'

/** Who has not signed in may do this and nothing else. */
const PUBLIC = [
  'GET /',
  'GET /api/v1/health',
  'GET /docs',
  'GET /docs/*',
  'GET /openapi.json',
  'DELETE /api/v1/session',
  'POST /api/v1/first-admin',
  'POST /api/v1/session',
]
/** What somebody who has signed in may do for themselves. */
const OWN = ['POST /api/v1/session/password']

describe('every route of a real server, as nobody, as a viewer and as an admin', () => {
  let scene: HttpScene
  const tokens = new Map<Role, string>()
  beforeAll(async () => {
    scene = await HttpScene.open({ accountsOf: openAccountsOf })
    for (const role of ['viewer', 'admin'] as const) {
      tokens.set(role, (await makeToken(scene.store, 'test', { name: role, role })).secret)
    }
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  const routes = () =>
    scene.web.routes.filter(({ method, url }) => method !== 'HEAD' && method !== 'OPTIONS' && url !== '/api/v1/events')

  test('what is public, and what a viewer may change, is a short list', () => {
    const named = (list: ReturnType<typeof routes>) => list.map(({ method, url }) => `${method} ${url}`)
    const open = named(routes().filter(({ access }) => access === 'public'))
    assert.deepEqual(
      open.filter(name => !name.startsWith('GET /docs')).sort(),
      PUBLIC.filter(name => !name.startsWith('GET /docs')).sort(),
    )
    const changes = named(routes().filter(({ method, access }) => method !== 'GET' && access === 'viewer'))
    assert.deepEqual(changes.sort(), [...OWN].sort())
  })

  for (const caller of ['nobody', 'viewer', 'admin', 'a wrong token'] as const)
    test(`as ${caller}`, async () => {
      assert(routes().length > 30, `${routes().length} routes`)
      for (const { method, url, access } of routes()) {
        const path = url.replace(/:\w+/g, '999').replace('*', 'nothing')
        const token = caller === 'a wrong token' ? 'rc_wrong' : tokens.get(caller as Role)
        const headers = token ? { authorization: `Bearer ${token}` } : {}
        const { status, json } = await scene.ask(method, path, { as: 'nobody', headers })
        const isAdmitted = access === 'public' || caller === 'admin' || (caller === 'viewer' && access === 'viewer')
        const what = `${method} ${url} as ${caller}: ${status}`
        if (!isAdmitted) assert.equal(status, caller === 'viewer' ? 403 : 401, what)
        else assert(status < 500 && (access === 'public' || status !== 401), what)
        if (status >= 400 && json) assert.equal(json.status, status, what)
      }
    })
})
