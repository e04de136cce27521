import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, globSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { buildProgram } from '../../src/cli/main.ts'
import { openTerminal } from '../../src/cli/terminal.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice, type VirtualListener } from '../../src/virtual/listen.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

/** Ten digits that nothing else prints. */
const COMM_KEY = 3_918_273_645

/** One installation, used from the first command to the last as a person would; each test stands on those before it. */
describe('rollcall, command by command', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const device = new VirtualDevice(
    { seed: 7, name: 'Main Entrance', commKey: COMM_KEY, timezoneOffsetMinutes: 60 },
    { clock: systemClock },
  )
  const cleanUp = stack.move()
  let listener: VirtualListener
  beforeAll(async () => {
    device.addPeople(5)
    device.fillLog(120)
    listener = await listenVirtualDevice(device, { transport: 'both' })
  })
  afterAll(async () => {
    cleanUp.dispose()
    await listener[Symbol.asyncDispose]()
  })
  const address = () => ['--host', '127.0.0.1', '--port', String(listener.port)]

  test('without devices, a sync says how to add one, and has not failed', async () => {
    const { status, stdout, stderr } = await rollcall.run(['attendance:sync', '--once'])
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '' })
    assert.match(stderr, /no active devices; add one: rollcall device:add --name/)
  })

  test('device:test goes through every stage, and stops where the comm key is wrong', async () => {
    const right = await rollcall.run(['device:test', ...address(), '--comm-key', '-'], { stdin: `${COMM_KEY}\n` })
    assert.equal(right.status, 0, right.stderr + right.stdout)
    for (const stage of [
      'address',
      'port \\(TCP\\)',
      'handshake',
      'comm key',
      'identity',
      'firmware',
      'counters',
      'one record',
    ])
      assert.match(right.stdout, new RegExp(`✓ ${stage}.* (ms|s)  `))
    assert.match(right.stdout, /120 attendance records of at most 500000, room for 499880 more, 5 users/)
    assert.match(right.stdout, /last of 120, layout 40, proven \(.*the counter agrees\)/)
    assert.match(right.stdout, /\nThe connection works\./)

    const wrong = await rollcall.run(['device:test', ...address(), '--json'], {
      environment: { ROLLCALL_COMM_KEY: '12' },
    })
    const stages = jsonLines(wrong.stdout)
    assert.equal(wrong.status, 1)
    const questions = ['identity', 'firmware', 'clock', 'counters', 'record']
    assert.deepEqual(
      stages.map(({ event, stage, status }) => [event, stage, status].join(' ').trim()),
      [
        ...['address ok', 'port ok', 'handshake ok', 'comm-key failed'].map(text => `test.stage ${text}`),
        ...questions.map(stage => `test.stage ${stage} skipped`),
        'test.finished',
      ],
    )
    assert.equal(stages[3]?.verdict, 'COMM_KEY_REFUSED')
    const [verdict] = (stages[3]?.verdicts ?? []) as Array<Record<string, unknown>>
    assert.match(String(verdict?.next_step), /device menu/)
    assert.deepEqual(
      [stages.at(-1)?.ok, stages.at(-1)?.result, stages.at(-1)?.verdicts],
      [false, 'failed', ['COMM_KEY_REFUSED']],
    )
  })

  test('device:add prints the id, and says which time zone it takes', async () => {
    const environment = { ROLLCALL_COMM_KEY: String(COMM_KEY) }
    const first = await rollcall.run(['device:add', '--name', 'Main Entrance', ...address()], { environment })
    assert.deepEqual({ status: first.status, stdout: first.stdout }, { status: 0, stdout: '1\n' })
    assert.match(first.stderr, /time of Europe\/Berlin, the zone of this machine/)

    const [second] = await rollcall.json(
      'device:add',
      '--name',
      'Back Door',
      '--host',
      '127.0.0.1',
      '--port',
      '1',
      '--timezone',
      'asia/manila',
    )
    assert.equal(second?.id, 2)
    assert.equal(second?.timezone, 'Asia/Manila')
    assert.equal(second?.has_comm_key, false)
  })

  test('attendance:sync --once stores what is there and fails for what is not', async () => {
    const { status, stdout } = await rollcall.run(['attendance:sync', '--once'])
    assert.equal(status, 1)
    assert.deepEqual(stdout.split('\n').sort(), [
      '',
      '✓ Main Entrance - 120 new log(s) synced',
      '✗ Back Door - connection refused at 127.0.0.1:1',
    ])
  })

  test('--json has the published fields, one object for each device', async () => {
    device.punch({ userId: '3', punchState: 1 })
    device.punch({ userId: '4' })
    const [synced] = await rollcall.json('attendance:sync', '--once', '--device-id', '1')
    const { bytes, duration_ms, ...rest } = synced ?? {}
    assert.ok(typeof bytes === 'number' && bytes > 22 * 40 && bytes < 4_096 && typeof duration_ms === 'number')
    assert.deepEqual(rest, {
      event: 'device.synced',
      device_id: 1,
      device: 'Main Entrance',
      mode: 'tail',
      records_on_device: 122,
      received: 22,
      inserted: 2,
      duplicates: 20,
      quarantined: 0,
    })
    const { status, stdout } = await rollcall.run(['attendance:sync', '--once', '--device-id', '2', '--json'])
    assert.equal(status, 1)
    assert.deepEqual(jsonLines(stdout), [
      {
        event: 'device.failed',
        device_id: 2,
        device: 'Back Door',
        code: 'CONNECTION_REFUSED',
        message: 'connection refused at 127.0.0.1:1',
        retry_in_s: null,
      },
    ])
  })

  test('the log file tells the same', () => {
    const log = readFileSync(join(rollcall.directory, 'storage/logs/rollcall.log'), 'utf8')
    assert.match(log, /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] local\.INFO: Device Main Entrance synced: 120 new logs$/m)
    assert.match(log, /local\.WARNING: Device Back Door - Connection failed: connection refused at 127\.0\.0\.1:1$/m)
  })

  test('attendance:list shows the newest, with names and words', async () => {
    const [row] = await rollcall.json('attendance:list', '--limit', '1', '--user', '3')
    const person = device.users.byUserId('3')
    assert.equal(row?.name, person?.name)
    assert.equal(row?.punch_state_word, 'out')
    assert.equal(row?.device, 'Main Entrance')
    const { stdout, stderr } = await rollcall.run(['attendance:list', '--limit', '2'])
    assert.equal(stdout.split('\n').length, 4)
    assert.match(stderr, /there are more/)
  })

  test('attendance:count takes filters', async () => {
    const count = async (...args: string[]) => (await rollcall.run(['attendance:count', ...args])).stdout
    assert.equal(await count(), '122\n')
    assert.equal(await count('--until', '2020-01-01'), '0\n')
    assert.equal(await count('--since', '1m', '--device-id', '1', '--device-id', '2'), '2\n')
    assert.deepEqual(await rollcall.json('attendance:count', '--user', 'nobody'), [{ count: 0 }])
  })

  test('attendance:export writes csv and jsonl, whole', async () => {
    const csv = await rollcall.run(['attendance:export', '--format', 'csv'])
    assert.equal(csv.stdout.split('\r\n').length, 124)
    const [told] = await rollcall.json('attendance:export', '--format', 'jsonl', '--output', 'all.jsonl')
    assert.deepEqual(told, { output: 'all.jsonl', format: 'jsonl', attendance_logs: 122 })
    assert.equal(jsonLines(readFileSync(join(rollcall.directory, 'all.jsonl'), 'utf8')).length, 122)
    assert.deepEqual(globSync('*.part', { cwd: rollcall.directory }), [])
    const nowhere = await rollcall.run(['attendance:export', '--format', 'csv', '--output', 'no/such/folder.csv'])
    assert.equal(nowhere.status, 1)
  })

  test('a reader that goes away ends a command quietly', async () => {
    const running = rollcall.start(['attendance:export', '--format', 'jsonl'])
    running.process.stdout?.destroy()
    const { status, stderr } = await running.ended
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  test('device:list and device:show tell how a device does', async () => {
    const list = (await rollcall.run(['device:list'])).stdout
    assert.match(list, /^1 +Main Entrance +127\.0\.0\.1:\d+ +ok +/m)
    assert.match(list, /^2 +Back Door +127\.0\.0\.1:1 +failing +never +connection refused/m)
    const show = (await rollcall.run(['device:show', '1'])).stdout
    for (const text of [/comm key +set/, /serial number +VIRT0000000007/, /record layout +40/, /LAST RUNS/])
      assert.match(show, text)
    const [back] = await rollcall.json('device:show', '2')
    assert.match(String(back?.next_step), /check the address and the port/)
    assert.equal((back?.runs as unknown[] | undefined)?.length, 2)
  })

  test('device:test of a saved device notices a stranger at its address', async () => {
    device.setFault('wrong-serial', 'on')
    const stages = await rollcall.json('device:test', '1')
    device.setFault('wrong-serial', 'off')
    assert.equal(stages.find(({ stage }) => stage === 'identity')?.verdict, 'SERIAL_MISMATCH')
    assert.equal(stages.find(({ stage }) => stage === 'record')?.status, 'ok')
  })

  test('device:edit, device:disable and device:enable change a device', async () => {
    const [edited] = await rollcall.json('device:edit', '2', '--name', 'Side Door', '--transport', 'udp')
    assert.deepEqual([edited?.name, edited?.transport, edited?.port], ['Side Door', 'udp', 1])
    const [disabled] = await rollcall.json('device:disable', '2')
    assert.equal(disabled?.is_active, false)
    const named = await rollcall.run(['attendance:sync', '--once', '--device-id', '2'])
    assert.equal(named.status, 2)
    assert.match(named.stderr, /--device-id 2: the device is disabled/)
    assert.equal((await rollcall.run(['attendance:sync', '--once', '--full'])).status, 0)
    const [enabled] = await rollcall.json('device:enable', '2')
    assert.equal(enabled?.is_active, true)
  })

  test('tinker runs a script', async () => {
    const script = 'const all = await devices.list()\nall.map(device => device.name)'
    const { stdout } = await rollcall.run(['tinker'], { stdin: script })
    assert.equal(stdout, "[ 'Main Entrance', 'Side Door' ]\n")
    const json = await rollcall.run(['tinker', '--json'], { stdin: `console.log('aside')\n${script}` })
    assert.deepEqual([json.stdout, json.stderr], ['"Main Entrance"\n"Side Door"\n', 'aside\n'])
    const key = await rollcall.run(['tinker'], { stdin: 'typeof devices.commKey' })
    assert.equal(key.stdout, "'undefined'\n")
    const queue = await rollcall.run(['tinker'], { stdin: 'await queue.counts()' })
    assert.equal(queue.stdout, '{ waiting: 0, active: 0, failed: 0 }\n')
    const failed = await rollcall.run(['tinker'], { stdin: "await db.deleteFrom('devices').execute()" })
    assert.equal(failed.status, 1)
    assert.match(failed.stderr, /readonly database/)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} ends a sync with 0, and what came is stored`, async () => {
      const made = device.punch({
        userId: '5',
        at: { year: 2025, month: 1, day: 1, hour: 1, minute: 1, second: signal.length },
      })
      const sync = rollcall.start(['attendance:sync', '--interval', '1', '--device-id', '1'])
      await sync.until(/✓ Main Entrance - 1 new log\(s\) synced\n/)
      sync.process.kill(signal)
      const { status, stderr } = await sync.ended
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      const [stored] = await rollcall.json('attendance:list', '--user', '5', '--until', '2025-01-02')
      assert.equal(stored?.local_time, made?.localTime)
    })

  test('a sync that is ended in the middle of a read gives it up, says goodbye, and ends with 0', async () => {
    device.setFault({ name: 'slow-prepare', value: 60_000 }, 'on')
    const before = device.stats.connections
    const sync = rollcall.start(['attendance:sync', '--device-id', '1'])
    while (device.stats.connections === before) await new Promise(resolve => setImmediate(resolve))
    sync.process.kill('SIGTERM')
    const { status } = await sync.ended
    device.setFault('slow-prepare', 'off')
    assert.equal(status, 0)
  })

  test('device:remove needs a yes, and tells what goes with the device', async () => {
    const asked = await rollcall.run(['device:remove', '1'])
    assert.equal(asked.status, 2)
    assert.match(asked.stderr, /--yes/)
    const [removed] = await rollcall.json('device:remove', '1', '--yes')
    assert.deepEqual(removed, { id: 1, name: 'Main Entrance', removed: true, attendance_logs: 124 })
    assert.deepEqual(await rollcall.json('attendance:count'), [{ count: 0 }])
  })

  test('migrate says where the database is', async () => {
    const [migrated] = await rollcall.json('migrate')
    assert.deepEqual(migrated, {
      database: `sqlite:${join(rollcall.directory, 'storage/rollcall.db')}`,
      created: false,
      schema: 'current',
    })
  })

  test('the comm key stands in no output, no log and no file', () => {
    const files = globSync('**/*', { cwd: rollcall.directory, withFileTypes: true }).filter(file => file.isFile())
    const texts = files.map(file => readFileSync(join(file.parentPath, file.name), 'latin1'))
    assert.ok(texts.length >= 3, 'database, secret, log')
    for (const text of [rollcall.printed, ...texts]) assert.ok(!text.includes(String(COMM_KEY)))
  })
})

describe('wrong usage', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const cleanUp = stack.move()
  afterAll(() => cleanUp.dispose())

  const cases: ReadonlyArray<readonly [args: string, says: RegExp, environment?: Record<string, string>]> = [
    ['attendence:sync', /attendence:sync.*Did you mean attendance:sync\?/],
    ['device:add --name Gate', /--host/],
    ['device:add --name Gate --host gate --port 99999', /--port must be a whole number from 1 to 65535/],
    ['device:add --name Gate --host gate --timezone Berlin', /--timezone.*Europe\/Berlin/],
    ['device:add --name Gate --host gate --comm-key 77twelve77', /--comm-key must be a whole number/],
    ['device:add --name Gate --host gate --comm-kee=7712345677', /unknown option '--comm-kee'/i],
    ['device:add --name Gate --host gate', /ROLLCALL_COMM_KEY must be/, { ROLLCALL_COMM_KEY: '77x' }],
    ['device:edit 1 comm-key 7712345677', /too many arguments/i],
    ['device:edit 1', /--name/],
    ['device:show one', /ID must be/],
    ['device:test', /--host/],
    ['attendance:sync --interval soon', /--interval/],
    ['attendance:sync --once --device-id 5', /There is no device 5; device:list shows them\./],
    ['attendance:list --since yesterday', /--since/],
    ['attendance:export --format pdf', /--format must be csv, xlsx, or jsonl/],
    ['attendance:export --format csv --json', /--json/],
    ['attendance:export --format xlsx --json', /--json needs --output FILE/],
    ['device:simulate --fault lost-pakets', /--fault.*lost-packets/],
    ['device:simulate --layout 12', /--layout/],
    ['demo --for ever', /--for/],
    ['device:list', /DATABASE_URL.*sqlite:PATH/, { DATABASE_URL: 'oracle://u:7712345677@db/x' }],
    ['device:list', /LOG_LEVEL/, { LOG_LEVEL: 'loud' }],
    ['device:list', /ROLLCALL_STORAGE/, { ROLLCALL_STORAGE: '/proc/rollcall' }],
    ['device:list', /ROLLCALL_STORAGE/, { ROLLCALL_STORAGE: '/dev/null' }],
    ['device:list', /DATABASE_URL.*folder/, { DATABASE_URL: 'sqlite:/tmp' }],
    ['device:list', /DATABASE_URL.*memory/, { DATABASE_URL: 'sqlite::memory:' }],
    ['device:test 1 --wait 5s', /--wait goes with --punch alone\./],
    ['device:test 1 --punch --wait soon', /--wait must be a time such as/],
    ['device:test 1 --host gate', /Give an id or --host, not both\./],
    ['device:edit 1 --live yes', /--live must be on or off/],
    ['device:coverage 99', /^There is no device 99; device:list shows them\./],
    ['device:set-clock 99', /^There is no device 99; device:list shows them\./],
    ['device:show 99', /^There is no device 99; device:list shows them\./],
    ['attendance:list --device-id 99', /^There is no device 99; device:list shows them\./],
    ['attendance:list --since 99999999999d', /--since/],
    ['attendance:export --format csv --output=', /--output/],
    ['attendance:live-sync --interval 0', /--interval must be a number of seconds/],
    ['attendance:live-sync --once --device-id 99', /^There is no device 99; device:list shows them\./],
    ['queue:work --workers 0', /--workers must be a whole number from 1 to 256/],
    ['queue:retry', /^Missing required argument 'id'\. See --help\./],
    ['queue:retry all 17', /Give the ids of failed jobs, or the word all, not both\./],
    ['queue:status', /REDIS_URL/, { REDIS_URL: 'http://:7712345677@queue.example' }],
    ['device:simulate --fault nope', /--fault help shows them all\.$/m],
  ]
  for (const [args, says, environment = {}] of cases)
    test(`${args} ${Object.keys(environment).join()} exits with 2 and one sentence`, async () => {
      const { status, stdout, stderr } = await rollcall.run(args.split(' '), { environment })
      assert.match(stderr, says)
      assert.deepEqual({ status, stdout, lines: stderr.split('\n').length }, { status: 2, stdout: '', lines: 2 })
      assert.ok(!stderr.includes('77'), 'what may be a secret is not repeated')
    })

  test('an old Node is told what to do', async () => {
    const pretend =
      'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})'
    const { status, stderr } = await rollcall.run(['--version'], { nodeOptions: ['--import', pretend] })
    assert.equal(status, 2)
    assert.match(stderr, /needs Node 26 or newer, and this is Node 20\.1\.0\..*(\.\/rollcall|npm ci)/)
  })
})

describe('an output that cannot be written', () => {
  for (const args of [['device:simulate', '--fault', 'help'], ['attendance:export', '--format', 'csv'], ['--help']])
    test.runIf(existsSync('/dev/full'))(`${args.join(' ')} says so, and fails`, () => {
      using rollcall = new Installation()
      const full = openSync('/dev/full', 'w')
      const bin = join(import.meta.dirname, '../../bin/rollcall.js')
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
        cwd: rollcall.directory,
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      })
      closeSync(full)
      assert.match(stderr, /^The output cannot be written: .*ENOSPC.*\n$/)
      assert.equal(status, 1)
    })
})

describe('help', () => {
  const texts = new Map<string, string>()
  const program = buildProgram({
    terminal: openTerminal(),
    clock: systemClock,
    environment: {},
    workingDirectory: '/',
    useLog() {},
    action: () => async () => {},
  })
  for (const command of program.commands) {
    command.configureOutput({ writeOut: text => texts.set(command.name(), (texts.get(command.name()) ?? '') + text) })
    command.outputHelp()
  }

  test('every command is there, with --json and an example of its own', () => {
    assert.deepEqual([...texts.keys()].sort(), [
      ...[
        'account:create',
        'account:list',
        'attendance:count',
        'attendance:export',
        'attendance:list',
        'attendance:live-sync',
        'attendance:prune',
        'attendance:sync',
        'db:copy',
        'demo',
      ],
      ...[
        'device:add',
        'device:coverage',
        'device:disable',
        'device:edit',
        'device:enable',
        'device:list',
        'device:remove',
        'device:set-clock',
        'device:show',
        'device:simulate',
        'device:test',
      ],
      ...[
        'migrate',
        'queue:failed',
        'queue:flush',
        'queue:retry',
        'queue:status',
        'queue:work',
        'serve',
        'start',
        'tinker',
        'token:create',
        'token:list',
        'token:revoke',
        'trace:show',
      ],
    ])
    for (const [name, text] of texts) {
      assert.ok(text.includes('--json'), name)
      assert.ok(text.includes(`Examples:\n  $ rollcall ${name}`), name)
    }
  })

  test('what must be given is marked', () => {
    assert.match(texts.get('device:add') ?? '', /--name <name> .* \(required\)\n +--host <host> .* \(required\)\n/)
    assert.match(texts.get('attendance:export') ?? '', /--format <format> .* \(required\)\n/)
    assert.match(texts.get('attendance:prune') ?? '', /--before <time> .* \(required\)\n/)
  })

  test('rollcall alone shows what there is', async () => {
    using rollcall = new Installation()
    const { status, stdout } = await rollcall.run([])
    assert.equal(status, 0)
    for (const name of texts.keys()) assert.ok(stdout.includes(`  ${name}`), name)
  })
})

describe('virtual devices', () => {
  test('device:simulate is a device until Ctrl+C', async () => {
    using rollcall = new Installation()
    const args = [
      'device:simulate',
      '--port',
      '0',
      '--records',
      '30',
      '--users',
      '4',
      '--layout',
      '16',
      '--punch-every',
      '50ms',
      '--json',
    ]
    const simulated = rollcall.start(args)
    const [listening] = jsonLines((await simulated.until(/punch\.made.*\n/)).split('\n')[0] ?? '')
    assert.equal(listening?.records, 30)
    const address = ['--host', '127.0.0.1', '--port', String(listening?.port)]
    const stages = await rollcall.json('device:test', ...address, '--punch')
    assert.equal(stages.at(-1)?.ok, true)
    assert.equal(stages.find(({ stage }) => stage === 'punch')?.status, 'ok')
    simulated.process.kill('SIGINT')
    const { status, stdout } = await simulated.ended
    assert.equal(status, 0)
    const last = jsonLines(stdout).at(-1)
    assert.equal(last?.event, 'device.stopped')
    assert.equal(last?.connections, 1)
  })

  test('demo counts every punch, and leaves nothing behind', async () => {
    using rollcall = new Installation()
    const { status, stdout, stderr } = await rollcall.run(['demo', '--for', '3s', '--json'], {
      environment: { TMPDIR: rollcall.directory },
    })
    const events = jsonLines(stdout)
    // The first start of a checkout builds the pages, and says so.
    const told = stderr.replace(/^Building the pages, once.*\n/, '')
    assert.deepEqual({ status, told, first: events[0]?.event }, { status: 0, told: '', first: 'demo.started' })
    const { made, stored, ...end } = events.at(-1) ?? {}
    const besides = { quarantined: 1, not_counted: ['Loading Dock', 'Old Gate'] }
    assert.deepEqual(end, { event: 'demo.finished', missing: 0, surplus: 0, each_once: true, ...besides })
    assert.ok(made === stored && Number(made) > 900)
    assert.deepEqual(globSync('*', { cwd: rollcall.directory }), [])
  })
})
