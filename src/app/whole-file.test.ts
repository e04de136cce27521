import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { writeWholeFile } from './whole-file.ts'

describe('a whole file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-whole-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  async function* pieces(onSecond: () => void = () => {}) {
    yield 'one '
    onSecond()
    yield 'two'
  }

  test('replaces what a link leads to, and keeps its permissions', async () => {
    const [file, link] = [join(folder, 'file'), join(folder, 'link')]
    writeFileSync(file, 'before')
    chmodSync(file, 0o640)
    symlinkSync('file', link)
    await writeWholeFile(link, pieces(), new AbortController().signal)
    assert.equal(readFileSync(file, 'utf8'), 'one two')
    assert.ok(lstatSync(link).isSymbolicLink())
    assert.equal(statSync(file).mode & 0o777, 0o640)
  })

  test('that is given up leaves the file as it was, and nothing beside it', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, 'before')
    const stopped = new AbortController()
    const writing = writeWholeFile(
      file,
      pieces(() => stopped.abort(new Error('stopped'))),
      stopped.signal,
    )
    await assert.rejects(writing, /stopped/)
    assert.equal(readFileSync(file, 'utf8'), 'before')
    assert.deepEqual(readdirSync(folder), ['file'])
  })
})
