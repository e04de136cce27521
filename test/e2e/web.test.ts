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
  test('serve answers, lets nobody in without accounts, and ends on SIGTERM', async () => {
    using installation = new Installation()
    const { port, close } = await freePort()
    close()
    const running = installation.start(['serve', '--json'], { environment: { ROLLCALL_PORT: String(port) } })
    const url = `http://127.0.0.1:${port}`
    assert.deepEqual(jsonLines(await running.until(/listening.*\n/)), [{ event: 'server.listening', url }])
    assert.equal((await fetch(`${url}/api/v1/health`)).status, 200)
    for (const headers of [{}, { authorization: 'Bearer anything' }, { cookie: 'session=admin' }]) {
      assert.equal((await fetch(`${url}/api/v1/devices`, { headers })).status, 401)
    }
    const startedMs = systemClock.monotonicMs()
    running.process.kill('SIGTERM')
    assert.equal((await running.ended).status, 0)
    assert(systemClock.monotonicMs() - startedMs < 5_000)
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
