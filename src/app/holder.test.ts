import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'vitest'
import { seededRandom } from '../base/random.ts'
import { describeHolder, isHolderDead, nameHolder } from './holder.ts'

const own = nameHolder(seededRandom(1))

describe.runIf(process.platform === 'linux')('holder', () => {
  test('is readable, and short for people', () => {
    assert.match(own, /^pid \d+ on \S+ \(start \d+, boot [\w-]+, namespaces \w+\/\w+, #[0-9a-f]{8}\)$/)
    assert.match(describeHolder(own), /^pid \d+ on \S+$/)
  })

  test('two engines of one process have two names', () =>
    assert.notEqual(nameHolder(seededRandom(1)), nameHolder(seededRandom(2))))

  test('a running process is not dead', () => assert.equal(isHolderDead(own), false))

  test('a process that has ended is dead', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    assert.equal(isHolderDead(own.replace(/^pid \d+/, `pid ${child.pid}`)), true)
  })

  test('another process under the same number is not the holder', () =>
    assert.equal(isHolderDead(own.replace(/start \d+/, 'start 1')), true))

  for (const [what, name] of [
    ['another boot', own.replace(/boot [\w-]+/, 'boot 00000000-0000-4000-8000-000000000000')],
    ['another container', own.replace(/namespaces \w+/, 'namespaces 1')],
    ['a system that does not tell', own.replace(/boot [\w-]+/, 'boot unknown')],
    ['a name of another form', 'worker-7'],
  ] as const)
    test(`of ${what} nothing can be proved`, () =>
      assert.equal(isHolderDead(name.replace(/^pid \d+/, 'pid 4194303')), false))
})
