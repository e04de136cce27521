import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

async function freePort(): Promise<{ port: number; close: () => void }> {
  const server = createServer()
  const port = await new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  return { port, close: () => server.close() }
}

describe('the commands of the web server', () => {
  test('from the first start to a punch that is told: the link, an admin, a token, a device, live updates', async () => {
    using installation = new Installation()
    const virtual = new VirtualDevice({ seed: 9 }, { clock: systemClock })
    virtual.fillLog(12)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const { port, close } = await freePort()
    close()
    const running = installation.start(['serve', '--json'], { environment: { ROLLCALL_PORT: String(port) } })
    const [told] = jsonLines(await running.until(/listening.*\n/))
    const origin = `http://127.0.0.1:${port}`
    assert.deepEqual([told?.event, told?.url], ['server.listening', origin])
    assert.equal((await fetch(`${origin}/api/v1/health`)).status, 200)
    for (const headers of [{}, { authorization: 'Bearer anything' }, { cookie: 'session=admin' }]) {
      assert.equal((await fetch(`${origin}/api/v1/devices`, { headers })).status, 401)
    }

    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', origin, ...headers },
      })
    const [, link = ''] = String(told?.first_admin_link).split('#')
    const admin = { email: 'ada@example.org', password: 'a long enough pass phrase' }
    const first = { token: link, ...admin }
    assert.equal((await post('/api/v1/first-admin', first)).status, 201)
    assert.equal((await post('/api/v1/first-admin', first)).status, 403, 'the link works once')
    const signedIn = await post('/api/v1/session', admin)
    assert(signedIn.ok, String(signedIn.status))
    const cookie = signedIn.headers
      .getSetCookie()
      .map(each => each.split(';')[0])
      .join('; ')
    const device = { name: 'Gate', host: '127.0.0.1', port: listener.port, timezone: 'UTC' }
    assert.equal((await post('/api/v1/devices', device, { cookie, origin: 'http://elsewhere.example' })).status, 403)
    assert.equal((await post('/api/v1/devices', device, { cookie })).status, 201)
    const made = (await (await post('/api/v1/tokens', { name: 'payroll', role: 'viewer' }, { cookie })).json()) as {
      token: string
    }
    const headers = { authorization: `Bearer ${made.token}` }
    assert.equal((await post('/api/v1/devices', device, headers)).status, 403)

    const stream = await fetch(`${origin}/api/v1/events`, { headers })
    assert(stream.body)
    const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader()
    // Another process stores the punches.
    assert.equal((await installation.run(['attendance:sync', '--once'])).status, 0)
    let heard = ''
    while (heard.split('event: attendance.created').length <= 12) {
      const { value, done } = await reader.read()
      assert(!done, `the stream ended: ${heard}`)
      heard += value
    }
    const page = await fetch(`${origin}/api/v1/attendance-logs?limit=50`, { headers })
    assert.equal(((await page.json()) as { data: unknown[] }).data.length, 12)
    const audit = (await (await fetch(`${origin}/api/v1/audit-log`, { headers: { cookie } })).json()) as {
      data: Array<{ who: string; action: string }>
    }
    assert(audit.data.some(({ who, action }) => who === 'account ada@example.org' && action.startsWith('device.')))

    const startedMs = systemClock.monotonicMs()
    running.process.kill('SIGTERM')
    const ended = await running.ended
    assert.equal(ended.status, 0)
    assert(systemClock.monotonicMs() - startedMs < 5_000)
    for (const secret of [admin.password, made.token]) assert(!installation.printed.includes(secret))
  })

  test('start polls as well', async () => {
    using installation = new Installation()
    const virtual = new VirtualDevice({ seed: 9 }, { clock: systemClock })
    virtual.fillLog(12)
    await using listener = await listenVirtualDevice(virtual, { transport: 'tcp' })
    const address = ['--host', '127.0.0.1', '--port', String(listener.port), '--timezone', 'UTC']
    await installation.run(['device:add', '--name', 'Gate', ...address])
    const { port, close } = await freePort()
    close()
    const running = installation.start(['start', '--json'], { environment: { ROLLCALL_PORT: String(port) } })
    const events = jsonLines(await running.until(/device\.synced.*\n/))
    assert.equal(events[0]?.event, 'server.listening')
    assert.equal(events.find(({ event }) => event === 'device.synced')?.inserted, 12)
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/health`)).status, 200)
    running.process.kill('SIGINT')
    assert.equal((await running.ended).status, 0)
  })

  test('the demo lets in whom it names, on the next free port, and each list has something to show', async () => {
    using installation = new Installation()
    const { port, close } = await freePort()
    const environment = { ROLLCALL_PORT: String(port), TMPDIR: installation.directory }
    const running = installation.start(['demo', '--json'], { environment })
    const told = await running.until(/"demo\.started"[\s\S]*"device\.synced"[\s\S]*\n/)
    const [started] = jsonLines(told.slice(0, told.indexOf('\n')))
    close()
    const { url, email, password } = started as Record<'url' | 'email' | 'password', string>
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.notEqual(url, `http://127.0.0.1:${port}`)
    const signedIn = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      body: JSON.stringify({ email, password }),
      headers: { 'content-type': 'application/json', origin: url },
    })
    assert(signedIn.ok, String(signedIn.status))
    const cookie = signedIn.headers.getSetCookie().join('; ')
    const list = async (path: string) => {
      const answer = await fetch(`${url}/api/v1/${path}`, { headers: { cookie } })
      return ((await answer.json()) as { data: Array<Record<string, unknown>> }).data
    }
    assert.deepEqual(
      (await list('jobs?state=failed')).map(({ error_code }) => error_code),
      ['COMM_KEY_REFUSED'],
    )
    assert.deepEqual(
      (await list('devices')).filter(({ is_active }) => !is_active).map(({ name }) => name),
      ['Old Gate'],
    )
    assert((await list('attendance-logs')).length > 0 && (await list('audit-log')).length > 0)
    running.process.kill('SIGINT')
    const { status, stdout } = await running.ended
    assert.equal(status, 0)
    assert.equal(jsonLines(stdout).at(-1)?.each_once, true)
  })

  test('the demo tells people how to get in, in three lines', async () => {
    using installation = new Installation()
    const { port, close } = await freePort()
    close()
    const environment = { ROLLCALL_PORT: String(port), ROLLCALL_HOST: '0.0.0.0', TMPDIR: installation.directory }
    const { status, stdout } = await installation.run(['demo', '--for', '1s'], { environment })
    assert.equal(status, 0)
    const way = new RegExp(
      [
        `^  Web interface  http://127\\.0\\.0\\.1:${port}  \\(on all other addresses of this machine as well.*\\)$`,
        '^  E-mail         demo@rollcall\\.example$',
        '^  Password       \\w{10,}$',
      ].join('\\n'),
      'm',
    )
    assert.match(stdout, way)
    assert.match(stdout, /Not counted, as not read: Loading Dock, Old Gate\./)
  })

  test('a port that is taken is wrong configuration, told in one sentence', async () => {
    using installation = new Installation()
    const { port, close } = await freePort()
    const { status, stdout, stderr } = await installation.run(['serve'], {
      environment: { ROLLCALL_PORT: String(port) },
    })
    close()
    assert.deepEqual([status, stdout], [2, ''])
    assert.equal(
      stderr.trim(),
      `Port ${port} of 127.0.0.1 is in use by another program; set ROLLCALL_PORT to a free one.`,
    )
  })
})
