import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { RollingFile } from './rolling-file.ts'

const clock = { now: () => new Date(2025, 11, 8, 12).getTime() }

describe('rolling file', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rollcall-roll-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const read = (name: string) => readFileSync(join(directory, name), 'utf8')
  const age = (name: string, day: number) => {
    const seconds = new Date(2025, 11, day, 20).getTime() / 1000
    utimesSync(join(directory, name), seconds, seconds)
  }

  test('every writer follows when another one has set the file aside', () => {
    using one = new RollingFile({ directory, name: 'rollcall', clock })
    using other = new RollingFile({ directory, name: 'rollcall', clock })
    one.write('1\n')
    other.write('2\n')
    age('rollcall.log', 7)
    one.write('3\n')
    other.write('4\n')
    assert.equal(read('rollcall-2025-12-07.log'), '1\n2\n')
    assert.equal(read('rollcall.log'), '3\n4\n')
  })

  test('a day that is set aside twice is written over by nobody', () => {
    using file = new RollingFile({ directory, name: 'rollcall', clock })
    for (const line of ['1\n', '2\n', '3\n']) {
      file.write(line)
      age('rollcall.log', 7)
    }
    file.write('4\n')
    assert.equal(read('rollcall-2025-12-07.log'), '1\n')
    assert.equal(read('rollcall-2025-12-07.2.log'), '2\n')
    assert.equal(read('rollcall-2025-12-07.3.log'), '3\n')
    assert.equal(read('rollcall.log'), '4\n')
  })

  test('keeps the newest files and leaves strangers alone', () => {
    for (let day = 1; day <= 6; day++) {
      writeFileSync(join(directory, `rollcall-2025-11-0${day}.log`), '')
      age(`rollcall-2025-11-0${day}.log`, day - 30)
    }
    writeFileSync(join(directory, 'rollcall-notes.log'), '')
    using file = new RollingFile({ directory, name: 'rollcall', clock, keepFiles: 2 })
    file.write('1\n')
    age('rollcall.log', 7)
    file.write('2\n')
    assert.deepEqual(readdirSync(directory).sort(), [
      'rollcall-2025-11-06.log',
      'rollcall-2025-12-07.log',
      'rollcall-notes.log',
      'rollcall.log',
    ])
  })

  test('comes back after somebody deleted it', () => {
    using file = new RollingFile({ directory, name: 'rollcall', clock })
    file.write('1\n')
    unlinkSync(join(directory, 'rollcall.log'))
    file.write('2\n')
    assert.equal(read('rollcall.log'), '2\n')
  })

  test('several processes that write and rotate lose and tear no line', async () => {
    const writers = 3
    const lines = 2000
    const script = `
      const { RollingFile } = await import(${JSON.stringify(new URL('./rolling-file.ts', import.meta.url).href)})
      const file = new RollingFile({ directory: ${JSON.stringify(directory)}, name: 'rollcall', clock: { now: () => 0 }, maxBytes: 65536, keepFiles: 1000 })
      const name = process.argv[1]
      for (let i = 0; i < ${lines}; i++) file.write(name + '-' + i + '-' + name.repeat(i % 7 === 0 ? 900 : 20) + '\\n')`
    const exits = Array.from({ length: writers }, (_, index) =>
      once(
        spawn(process.execPath, ['--input-type=module', '-e', script, 'abc'[index] ?? ''], { stdio: 'inherit' }),
        'exit',
      ),
    )
    for (const [code] of await Promise.all(exits)) assert.equal(code, 0)

    const files = readdirSync(directory)
    assert.ok(files.length > 10, 'it rotated')
    const found = files.flatMap(name => read(name).split('\n').slice(0, -1))
    assert.equal(new Set(found).size, writers * lines)
    assert.equal(found.length, writers * lines)
    for (const line of found) assert.match(line, /^([abc])-\d+-\1+$/)
  })
})
