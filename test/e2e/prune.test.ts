import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'
import { Installation } from './rollcall-process.ts'

const BIN = join(import.meta.dirname, '../../bin/rollcall.js')
const FULL_SYNC = 'rollcall attendance:sync --once --full --device-id 1'

/** One installation, used from the first command to the last; each test stands on those before it. */
describe('attendance:prune', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const device = new VirtualDevice({ seed: 5, name: 'Gate', timezoneOffsetMinutes: 0 }, { clock: systemClock })
  const cleanUp = stack.move()
  let listener: VirtualListener
  beforeAll(async () => {
    device.addPeople(5)
    device.fillLog(120)
    listener = await listenVirtualDevice(device, { transport: 'tcp' })
    const address = ['--host', '127.0.0.1', '--port', String(listener.port), '--timezone', 'UTC']
    await rollcall.run(['device:add', '--name', 'Gate', ...address])
    await rollcall.run(['device:add', '--name', 'Yard', '--host', '127.0.0.1', '--port', '1', '--inactive'])
  })
  afterAll(async () => {
    cleanUp.dispose()
    await listener[Symbol.asyncDispose]()
  })

  const prune = (...args: string[]) => rollcall.json('attendance:prune', '--before', '0s', '--yes', ...args)
  const sync = (...args: string[]) => rollcall.run(['attendance:sync', '--once', '--device-id', '1', ...args])
  const count = async () => (await rollcall.json('attendance:count'))[0]?.count
  /** What happens on a terminal where a person types `answer`. */
  const asked = (answer: string) =>
    spawnSync('script', ['-qec', `'${process.execPath}' '${BIN}' attendance:prune --before 0s`, '/dev/null'], {
      cwd: rollcall.directory,
      env: { PATH: process.env.PATH, HOME: rollcall.directory, TERM: 'dumb' },
      input: `${answer}\n`,
      encoding: 'utf8',
    })

  test('needs a yes where nobody can be asked, and an instant that has passed', async () => {
    for (const [args, says] of [
      ['--before 1w', /^attendance:prune needs --yes where nobody can be asked\.\n$/],
      ['--before 2999-01-01 --yes', /^--before 2999-01-01 lies in the future\.\n$/],
      ['--before soon --yes', /^--before must be an age such as/],
      ['--before 1w --device-id 9 --yes', /^There is no device 9; device:list shows them\.\n$/],
      ['--yes', /--before/],
    ] as const) {
      const { status, stdout, stderr } = await rollcall.run(['attendance:prune', ...args.split(' ')])
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
      assert.match(stderr, says)
    }
  })

  test('keeps what the device still holds, and says so', async () => {
    assert.equal((await sync()).status, 0)
    const [gate, yard, end] = await prune()
    assert.deepEqual(gate, {
      event: 'device.pruned',
      device_id: 1,
      device: 'Gate',
      removed: 0,
      kept_on_device: 120,
      kept_unknown: 0,
      next_step: null,
    })
    assert.deepEqual([yard?.device_id, yard?.removed, yard?.kept_unknown, yard?.next_step], [2, 0, 0, null])
    const { before, ...rest } = end ?? {}
    assert.match(String(before), /^20.*Z$/)
    assert.deepEqual(rest, {
      event: 'prune.finished',
      removed: 0,
      kept_on_device: 120,
      kept_unknown: 0,
      complete: true,
    })
    assert.equal(await count(), 120)
  })

  test('keeps what may be held, and says what makes it known', async () => {
    const database = new Database(join(rollcall.directory, 'storage/rollcall.db'))
    database.prepare('update checkpoints set oldest_local = null').run()
    database.close()
    const [gate] = await prune('--device-id', '1')
    assert.deepEqual([gate?.kept_unknown, gate?.next_step], [120, FULL_SYNC])
    const { stdout } = await rollcall.run(['attendance:prune', '--before', '0s', '--yes', '--device-id', '1'])
    assert.match(
      stdout,
      new RegExp(
        `^Gate - 0 removed\\n {4}120 kept: it is not known what the device holds; run ${FULL_SYNC}\\nRemoved 0 `,
      ),
    )
    assert.equal((await rollcall.run(FULL_SYNC.split(' ').slice(1))).status, 0)
    assert.equal((await prune())[0]?.kept_on_device, 120)
  })

  const canAsk = existsSync('/usr/bin/script')
  test.runIf(canAsk)('asks with the effect in numbers, and does nothing after a no', async () => {
    device.clearLog()
    assert.equal((await sync()).status, 0)
    const { status, stdout } = asked('n')
    assert.match(stdout, /Remove 120 attendance log\(s\) of 1 device\(s\) from before 20[\d: -]+ for good\? \[y\/N\]/)
    assert.match(stdout, /Nothing was removed\./)
    assert.equal(status, 1)
    assert.equal(await count(), 120)
  })

  test.runIf(canAsk)(
    'removes what is gone from the device after a yes, and a full comparison brings nothing back',
    async () => {
      device.punch({ userId: '1' })
      assert.equal((await sync()).status, 0)
      const { status, stdout } = asked('y')
      assert.match(stdout, /for good\? 1 more are as old and stay\./)
      assert.match(
        stdout,
        /Gate - 120 removed\r\n {4}1 kept: the device still holds them, or may\r\nYard - 0 removed\r\n/,
      )
      assert.match(stdout, /Removed 120 attendance log\(s\) from before 20/)
      assert.equal(status, 0)
      assert.equal(await count(), 1)
      assert.match((await sync('--full')).stdout, /0 new log\(s\) synced/)
      assert.equal(await count(), 1)
    },
  )

  test('where there is nothing to remove nobody is asked, and the log file has a line of each removal', () => {
    if (canAsk) assert.equal(asked('').status, 0)
    const log = readFileSync(join(rollcall.directory, 'storage/logs/rollcall.log'), 'utf8')
    const lines = log.split('\n').filter(line => line.includes('Attendance logs from before'))
    assert.equal(lines.length, canAsk ? 6 : 4)
    assert.match(
      lines[0] ?? '',
      /INFO: Attendance logs from before 20\S+Z: 0 removed, 120 kept that devices still hold, 0 kept of which that is not known$/,
    )
    if (canAsk) assert.match(lines[4] ?? '', /: 120 removed, 1 kept that devices still hold, 0 kept/)
  })
})
