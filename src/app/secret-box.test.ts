import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { RollcallError } from '../base/errors.ts'
import { deriveSecret, openSecretBox } from './secret-box.ts'

let parent: string
let storageDir: string
let keyFile: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'rollcall-secret-'))
  storageDir = join(parent, 'storage')
  keyFile = join(storageDir, 'secret.key')
})
afterEach(() => rmSync(parent, { recursive: true }))

function unusable(work: () => unknown): RollcallError {
  try {
    work()
  } catch (error) {
    assert(error instanceof RollcallError)
    assert.equal(error.code, 'SECRET_UNUSABLE')
    return error
  }
  return assert.fail('it should have failed')
}

describe('secret box', () => {
  test('opens what it sealed, and so does another process with the same file', () => {
    const box = openSecretBox({ storageDir })
    for (const text of ['', '0', '4294967295', 'Ünïcödé']) {
      const sealed = box.seal(text)
      assert.match(sealed, /^v1:[A-Za-z0-9+/]+=*$/)
      assert.equal(box.open(sealed), text)
      assert.equal(openSecretBox({ storageDir }).open(sealed), text)
    }
  })

  test('the same text is never sealed the same way twice', () => {
    const box = openSecretBox({ storageDir })
    assert.notEqual(box.seal('123456'), box.seal('123456'))
  })

  test('touches no file before it is used', () => {
    openSecretBox({ storageDir })
    assert.deepEqual(readdirSync(parent), [])
  })

  test('folder and key file are private, and no draft stays', () => {
    openSecretBox({ storageDir }).seal('1')
    assert.equal(statSync(storageDir).mode & 0o777, 0o700)
    assert.equal(statSync(keyFile).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(storageDir), ['secret.key'])
    assert.equal(Buffer.from(readFileSync(keyFile, 'utf8'), 'base64').length, 32)
  })

  test('a key file that others can read is made private and used', () => {
    const sealed = openSecretBox({ storageDir }).seal('77')
    chmodSync(keyFile, 0o644)
    assert.equal(openSecretBox({ storageDir }).open(sealed), '77')
    assert.equal(statSync(keyFile).mode & 0o777, 0o600)
  })

  test('opening never makes a key', () => {
    const sealed = openSecretBox({ storageDir }).seal('77')
    rmSync(keyFile)
    assert.match(unusable(() => openSecretBox({ storageDir }).open(sealed)).message, /missing/)
    assert.deepEqual(readdirSync(storageDir), [])
  })

  for (const [name, content] of [
    ['empty', ''],
    ['short', Buffer.alloc(31, 7).toString('base64')],
    ['long', Buffer.alloc(33, 7).toString('base64')],
    ['no base64', 'this is not a key'],
  ] as const)
    test(`a key file that is ${name} is refused and left alone`, () => {
      mkdirSync(storageDir)
      writeFileSync(keyFile, content, { mode: 0o600 })
      unusable(() => openSecretBox({ storageDir }).seal('77'))
      assert.equal(readFileSync(keyFile, 'utf8'), content)
    })

  test('a key file that cannot be read is refused', () => {
    mkdirSync(keyFile, { recursive: true })
    unusable(() => openSecretBox({ storageDir }).seal('77'))
  })

  test('a storage folder that cannot be made is refused', () => {
    writeFileSync(storageDir, 'a file stands in the way')
    unusable(() => openSecretBox({ storageDir }).seal('77'))
  })

  test('what was sealed with another key, or changed since, does not open', () => {
    const other = openSecretBox({ storageDir: join(parent, 'other') }).seal('987654321')
    const box = openSecretBox({ storageDir })
    const sealed = box.seal('987654321')
    const bytes = Buffer.from(sealed.slice(3), 'base64')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    for (const wrong of [
      other,
      `v1:${bytes.toString('base64')}`,
      'v1:',
      'v1:AAAA',
      `v2:${sealed.slice(3)}`,
      '987654321',
      '',
    ]) {
      const error = unusable(() => box.open(wrong))
      const told = `${error.message} ${String(error.cause)} ${error.stack}`
      assert(!told.includes('987654321') && !told.includes(readFileSync(keyFile, 'utf8').trim()))
    }
  })

  test('a secret for another purpose is the same each time, another for each purpose, and not the key', () => {
    const sessions = deriveSecret({ storageDir }, 'sessions')
    assert.match(sessions, /^[\w-]{43}$/)
    assert.equal(deriveSecret({ storageDir }, 'sessions'), sessions)
    assert.notEqual(deriveSecret({ storageDir }, 'others'), sessions)
    assert.notEqual(deriveSecret({ storageDir: join(parent, 'other') }, 'sessions'), sessions)
    const key = Buffer.from(readFileSync(keyFile, 'utf8'), 'base64')
    assert(!Buffer.from(sessions, 'base64url').equals(key))
  })

  test('processes that make the key at once agree on it', async () => {
    const program = `
      import { openSecretBox } from ${JSON.stringify(join(import.meta.dirname, 'secret-box.ts'))}
      process.stdout.write(openSecretBox({ storageDir: ${JSON.stringify(storageDir)} }).seal('4711'))`
    const sealed = await Promise.all(Array.from({ length: 4 }, () => outputOf(program)))
    const box = openSecretBox({ storageDir })
    assert.deepEqual(sealed.map(box.open), ['4711', '4711', '4711', '4711'])
    assert.deepEqual(readdirSync(storageDir), ['secret.key'])
  })
})

async function outputOf(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  return output
}
