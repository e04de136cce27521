import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { decodeTrace } from '../../src/codec/trace/decode-trace.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'
import { TRACE_FOLDER } from '../traces/vectors.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

/** Ten digits that nothing else prints. */
const COMM_KEY = 3_918_273_645
const RECORDS = 120

describe.each(['tcp', 'udp'] as const)('a trace over %s, command by command', transport => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const device = new VirtualDevice({ seed: 7, commKey: COMM_KEY }, { clock: systemClock })
  const cleanUp = stack.move()
  const fileOf = (name: string) => join(rollcall.directory, name)
  const logs = async () =>
    (await rollcall.json('attendance:list', '--limit', '1000')).map(({ device_user_id, local_time, punch_state }) =>
      [device_user_id, local_time, punch_state].join(' '),
    )
  let listener: VirtualListener
  let stored: string[] = []
  beforeAll(async () => {
    for (const user of device.addPeople(5)) device.addUser({ ...user, password: '77123' })
    device.fillLog(RECORDS)
    listener = await listenVirtualDevice(device, { transport: 'both' })
  })
  afterAll(async () => {
    cleanUp.dispose()
    await listener[Symbol.asyncDispose]()
  })

  test('attendance:sync --trace records what is said, for its user alone', async () => {
    const environment = { ROLLCALL_COMM_KEY: String(COMM_KEY) }
    const address = ['--host', '127.0.0.1', '--port', String(listener.port), '--transport', transport]
    await rollcall.run(['device:add', '--name', 'Gate', ...address, '--timezone', 'UTC'], { environment })
    const { status, stderr } = await rollcall.run(['attendance:sync', '--once', '--trace', 'gate.jsonl'])
    assert.equal(status, 0, stderr)
    stored = await logs()
    assert.equal(stored.length, RECORDS)
    assert.equal(statSync(fileOf('gate.jsonl')).mode & 0o777, 0o600)
    const { events, isCut } = decodeTrace(readFileSync(fileOf('gate.jsonl'), 'utf8'))
    assert(!isCut && events.length > 20)
  })

  test('device:test --trace records as well', async () => {
    const { status } = await rollcall.run(['device:test', '1', '--trace', 'test.jsonl'])
    assert.equal(status, 0)
    assert(decodeTrace(readFileSync(fileOf('test.jsonl'), 'utf8')).events.length > 10)
  })

  test('trace:show says what was said', async () => {
    const people = await rollcall.run(['trace:show', 'gate.jsonl'])
    assert.deepEqual([people.status, people.stderr], [0, ''])
    for (const line of [
      `#1   opening ${transport.toUpperCase()} to 127\\.0\\.0\\.1 port \\d+`,
      '#1 > CMD_AUTH .* \\(12 bytes, 4 masked\\)  \\*{8}',
      `#1 < CMD_ACK_OK .* option ~SerialNumber=${device.serialNumber}`,
      `#1 < CMD_ACK_OK .* attendance records ${RECORDS}`,
      '#1 > CMD_PREPARE_BUFFER .* of CMD_ATTLOG_RRQ',
      `#1 < CMD_ACK_OK .* bytes 4804, records 600 of 8 bytes or 300 of 16 bytes or ${RECORDS} of 40 bytes`,
      '#1 > CMD_EXIT ',
    ])
      assert.match(people.stdout, new RegExp(`s  ${line}`))
    const [header, ...entries] = await rollcall.json('trace:show', 'gate.jsonl')
    assert.equal(header?.event, 'trace')
    const auth = entries.find(entry => entry.name === 'CMD_AUTH')
    assert.deepEqual([auth?.direction, auth?.masked_bytes, auth?.data], ['sent', 4, '********'])
  })

  test('device:simulate --replay is that device, and a sync of it stores the same', async () => {
    const replay = rollcall.start(['device:simulate', '--replay', 'gate.jsonl', '--port', '0', '--json'])
    const [started] = jsonLines(await replay.until(/\n/))
    assert.deepEqual([started?.event, started?.transport], ['replay.listening', transport])
    const edit = ['device:edit', '1', '--port', String(started?.port)]
    assert.equal((await rollcall.run(edit)).status, 0)
    const again = await rollcall.json('attendance:sync', '--once', '--full')
    assert.deepEqual([again[0]?.event, again[0]?.duplicates, again[0]?.inserted], ['device.synced', RECORDS, 0])
    const fresh = new Installation()
    cleanUp.use(fresh)
    const address = ['--host', '127.0.0.1', '--port', String(started?.port), '--transport', transport]
    await fresh.run(['device:add', '--name', 'Replay', ...address, '--timezone', 'UTC'])
    const { status, stderr } = await fresh.run(['attendance:sync', '--once'])
    assert.equal(status, 0, stderr)
    const rows = await fresh.json('attendance:list', '--limit', '1000')
    assert.deepEqual(
      rows.map(({ device_user_id, local_time, punch_state }) => [device_user_id, local_time, punch_state].join(' ')),
      stored,
    )
    replay.process.kill('SIGTERM')
    const { status: ended, stdout } = await replay.ended
    assert.deepEqual([ended, jsonLines(stdout).at(-1)?.event], [0, 'replay.stopped'])
  })

  test('the comm key and the passwords stand in no trace and in no output', () => {
    const texts = ['gate.jsonl', 'test.jsonl'].map(name => readFileSync(fileOf(name), 'utf8'))
    for (const text of [rollcall.printed, ...texts]) {
      assert(!text.includes(String(COMM_KEY)))
      assert(!text.includes(Buffer.from('77123').toString('hex')))
    }
  })
})

describe('a trace that cannot be used', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const cleanUp = stack.move()
  beforeAll(() => {
    copyFileSync(join(TRACE_FOLDER, 'virtual-40-tcp.jsonl'), join(rollcall.directory, 'good.jsonl'))
    const text = readFileSync(join(rollcall.directory, 'good.jsonl'), 'utf8')
    const [header = ''] = text.split('\n')
    writeFileSync(join(rollcall.directory, 'damaged.jsonl'), `${header}\nnothing\n`)
    writeFileSync(join(rollcall.directory, 'silent.jsonl'), `${header}\n`)
    writeFileSync(join(rollcall.directory, 'cut.jsonl'), text.slice(0, -30))
  })
  afterAll(() => cleanUp.dispose())

  test.each<[string, RegExp]>([
    ['trace:show', /missing required argument 'file'/i],
    ['trace:show nowhere.jsonl', /nowhere\.jsonl cannot be read: ENOENT/],
    ['trace:show damaged.jsonl', /damaged\.jsonl: line 2 cannot be read: it is no JSON object\.$/],
    ['device:simulate --replay damaged.jsonl', /damaged\.jsonl: line 2/],
    ['device:simulate --replay silent.jsonl', /silent\.jsonl: the trace holds no conversation/],
    ['device:simulate --replay good.jsonl --records 5', /--records has no effect.*--replay goes without it/],
    ['attendance:sync --once --trace good.jsonl', /--trace good\.jsonl exists already/],
    ['device:test --host 127.0.0.1 --trace no/folder.jsonl', /--trace no\/folder\.jsonl cannot be written: ENOENT/],
  ])('%s is wrong usage, told in one sentence', async (args, says) => {
    const { status, stdout, stderr } = await rollcall.run(args.split(' '))
    assert.deepEqual([status, stdout, stderr.trim().split('\n').length], [2, '', 1])
    assert.match(stderr.trim(), says)
  })

  test('one that a crash cut is shown as far as it goes, and says so', async () => {
    const { status, stdout, stderr } = await rollcall.run(['trace:show', 'cut.jsonl'])
    assert.equal(status, 0)
    assert.match(stdout, /CMD_EXIT/)
    assert.match(stderr, /last line was cut/)
  })
})
