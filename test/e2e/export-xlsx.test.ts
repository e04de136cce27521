import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readFileSync, watch } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { buildProgram } from '../../src/cli/main.ts'
import { openTerminal } from '../../src/cli/terminal.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import { readXlsx } from '../read-xlsx.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

/** Half a second of writing and far more than a pipe holds, so that there is a middle to be interrupted in. */
const LOGS = 8_000

describe('attendance:export --format xlsx', () => {
  using stack = new DisposableStack()
  const rollcall = stack.use(new Installation())
  const cleanUp = stack.move()
  const fileOf = (name: string) => join(rollcall.directory, name)
  beforeAll(async () => {
    const device = new VirtualDevice({ seed: 7, name: 'Gate', timezoneOffsetMinutes: 60 }, { clock: systemClock })
    device.addPeople(5)
    device.fillLog(LOGS)
    await using listener = await listenVirtualDevice(device, { transport: 'tcp' })
    const address = ['--host', '127.0.0.1', '--port', String(listener.port)]
    await rollcall.run(['device:add', '--name', '=Gate', ...address, '--timezone', 'Europe/Berlin'])
    const { status, stderr } = await rollcall.run(['attendance:sync', '--once'])
    assert.equal(status, 0, stderr)
  })
  afterAll(() => cleanUp.dispose())

  test('writes what csv writes, in any zone of the machine', async () => {
    const args = ['attendance:export', '--format', 'xlsx', '--output', 'all.xlsx', '--json']
    const { status, stdout } = await rollcall.run(args, { environment: { TZ: 'Pacific/Kiritimati' } })
    assert.equal(status, 0)
    assert.deepEqual(jsonLines(stdout), [{ output: 'all.xlsx', format: 'xlsx', attendance_logs: LOGS }])
    const [sheet, ...more] = readXlsx(readFileSync(fileOf('all.xlsx')))
    assert(sheet && more.length === 0)
    assert.equal(sheet.rows, LOGS + 1)
    const csv = (await rollcall.run(['attendance:export', '--format', 'csv'])).stdout.trimEnd().split('\r\n')
    const time = (reference: string) =>
      new Date(Math.round((Number(sheet.cells.get(reference)?.value) - 25_569) * 86_400) * 1000).toISOString()
    const rows = csv.slice(1).map((_, i) => [
      ...['A', 'B', 'C', 'D', 'E'].map(column => sheet.cells.get(`${column}${i + 2}`)?.value),
      time(`F${i + 2}`)
        .slice(0, 19)
        .replace('T', ' '),
      time(`G${i + 2}`),
    ])
    assert.equal(
      rows.map(row => row.join()).join('\n'),
      csv
        .slice(1)
        // The apostrophe that makes a formula harmless has no place where a cell says that it is a text.
        .map(line => line.replace("'=Gate", '=Gate').split(',').slice(0, 7).join())
        .join('\n'),
    )
    assert.equal(sheet.cells.get('C2')?.type, 'text')
  })

  test('goes to stdout where that is a pipe, as bytes', async () => {
    const bin = resolve(import.meta.dirname, '../../bin/rollcall.js')
    const args = [bin, 'attendance:export', '--format', 'xlsx', '--until', '2001-01-01']
    const child = spawn(process.execPath, args, { cwd: rollcall.directory, stdio: ['ignore', 'pipe', 'inherit'] })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.deepEqual(
      readXlsx(Buffer.concat(pieces)).map(({ rows }) => rows),
      [1],
    )
  })

  test('Ctrl+C ends it with 1 and leaves no file', async () => {
    const found = Promise.withResolvers<void>()
    using watcher = disposable(watch(rollcall.directory, () => existsSync(fileOf('big.xlsx.part')) && found.resolve()))
    assert(watcher)
    const running = rollcall.start(['attendance:export', '--format', 'xlsx', '--output', 'big.xlsx'])
    await found.promise
    running.process.kill('SIGINT')
    const { status, stderr } = await running.ended
    assert.deepEqual({ status, stderr }, { status: 1, stderr: 'Stopped before everything was written.\n' })
    assert.deepEqual(globSync('big*', { cwd: rollcall.directory }), [])
  })

  test('a reader that goes away ends it quietly', async () => {
    const running = rollcall.start(['attendance:export', '--format', 'xlsx'])
    await running.until(/^PK/)
    running.process.stdout?.destroy()
    const { status, stderr } = await running.ended
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  test('a terminal is refused the bytes of a workbook, and may have text', async () => {
    const program = buildProgram({
      terminal: { ...openTerminal(), isTerminal: true },
      clock: systemClock,
      environment: {},
      workingDirectory: rollcall.directory,
      useLog() {},
      action:
        work =>
        async (...args) => {
          await work(...args)
        },
    })
    for (const output of [[], ['--output', '-']])
      await assert.rejects(
        program.parseAsync(['attendance:export', '--format', 'xlsx', ...output], { from: 'user' }),
        /--format xlsx is not for a terminal: give --output FILE, or send stdout to a file\.$/,
      )
  })
})

function disposable<Resource extends { close(): void }>(resource: Resource): Resource & Disposable {
  return Object.assign(resource, { [Symbol.dispose]: () => resource.close() })
}
