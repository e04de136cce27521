import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import type { FaultName } from '../../src/virtual/faults.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

async function started(options: { faults: FaultName[]; args: string[] }) {
  const stack = new AsyncDisposableStack()
  const rollcall = stack.use(new Installation())
  const device = new VirtualDevice({ seed: 5, faults: options.faults }, { clock: systemClock })
  device.fillLog(50)
  const listener = stack.use(await listenVirtualDevice(device, { transport: 'tcp' }))
  const args = ['device:test', '--host', '127.0.0.1', '--port', String(listener.port), '--transport', 'tcp']
  const running = rollcall.start([...args, ...options.args])
  return { device, running, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() }
}

describe('device:test that is ended', () => {
  for (const [signal, faults, args, until] of [
    ['SIGTERM', [], ['--punch'], /one record/],
    ['SIGINT', [], ['--punch'], /one record/],
    ['SIGTERM', ['menu-open'], [], /port/],
  ] as const)
    test(`by ${signal}, with ${faults.join() || 'nobody punching'}: says goodbye and that it was stopped`, async () => {
      await using scene = await started({ faults: [...faults], args: [...args] })
      const { device, running } = scene
      await running.until(until)
      running.process.kill(signal)
      const { status, stderr } = await running.ended
      assert.equal(status, 1)
      assert.match(stderr, /^Stopped before the test had ended\.$/m)
      assert.doesNotMatch(stderr, /defect/i)
      assert.deepEqual([device.stats.openSessions, device.stats.openConnections], [0, 0])
    })

  test('tells programs that it was stopped', async () => {
    await using scene = await started({ faults: [], args: ['--punch', '--json'] })
    await scene.running.until(/"stage":"record"/)
    scene.running.process.kill('SIGTERM')
    const { stdout } = await scene.running.ended
    assert.deepEqual(jsonLines(stdout).at(-1), { event: 'test.finished', ok: false, result: 'stopped' })
  })
})

describe('device:test --punch', () => {
  test('asks for a punch, and tells the one that came', async () => {
    await using scene = await started({ faults: [], args: ['--punch', '--wait', '20s'] })
    await scene.running.until(/one record/)
    const told = setInterval(() => scene.device.punch({ userId: '31', punchState: 1 }), 100)
    const { status, stdout, stderr } = await scene.running.ended
    clearInterval(told)
    assert.equal(status, 0, stdout + stderr)
    assert.match(stderr, /Punch at the device now, within 20 s\./)
    assert.match(stdout, /✓ live punch +\d.*user 31, .* out, finger; told in 36 bytes/)
  })

  test('fails where nobody punches', async () => {
    await using scene = await started({ faults: [], args: ['--punch', '--wait', '1s'] })
    const { status, stdout } = await scene.running.ended
    assert.equal(status, 1)
    assert.match(stdout, /✗ live punch .*\n +NO_PUNCH: .*\n.*\nThe connection does not work yet: NO_PUNCH\./)
  })
})
