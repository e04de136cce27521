import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { Installation } from './rollcall-process.ts'

/** One installation, used from the first command to the last; each test stands on those before it. */
describe('account:* and token:*', () => {
  const rollcall = new Installation()
  const said: string[] = []
  afterAll(() => rollcall[Symbol.dispose]())
  const run = async (...args: string[]) => {
    const ended = await rollcall.run(args)
    said.push(ended.stderr)
    return ended
  }

  test('an account is made with a password that is printed once', async () => {
    const made = await run('account:create', '--email', 'Ada@Example.org', '--role', 'admin')
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, /^[a-zA-Z2-9]{18}\n$/)
    const [json] = await rollcall.json('account:create', '--email', 'ben@example.org')
    assert.deepEqual({ ...json, password: null }, { id: 2, email: 'ben@example.org', role: 'viewer', password: null })
    const accounts = await rollcall.json('account:list')
    assert.deepEqual(
      accounts.map(({ id, email, role, is_disabled }) => [id, email, role, is_disabled]),
      [
        [1, 'ada@example.org', 'admin', false],
        [2, 'ben@example.org', 'viewer', false],
      ],
    )
    const everything = JSON.stringify([accounts, said]) + filesOf(rollcall.directory)
    for (const password of [made.stdout.trim(), String(json?.password)]) assert(!everything.includes(password))
  })

  test('a token is made, listed without itself, and revoked', async () => {
    const made = await run('token:create', '--name', 'payroll')
    assert.match(made.stdout, /^rc_[\w-]{43}\n$/)
    const [token] = await rollcall.json('token:list')
    const { created_at, ...rest } = token ?? {}
    assert.match(String(created_at), /Z$/)
    const prefix = made.stdout.slice(0, 7)
    assert.deepEqual(rest, { id: 1, name: 'payroll', role: 'viewer', prefix, last_used_at: null, revoked_at: null })
    assert.equal((await run('token:revoke', '1')).status, 0)
    assert.notEqual((await rollcall.json('token:list'))[0]?.revoked_at, null)
    assert(!filesOf(rollcall.directory).includes(made.stdout.trim()))
  })

  test('what cannot be is told with the option that is wrong', async () => {
    for (const [args, status, says] of [
      [['account:create', '--email', 'ada'], 2, /^--email must be an e-mail address/],
      [['account:create', '--email', 'a@b.example', '--role', 'root'], 2, /--role must be viewer or admin/],
      [['account:create', '--email', 'ada@example.org'], 1, /^There is an account ada@example\.org already\./],
      [['token:create'], 2, /--name/],
      [['token:revoke', '9'], 2, /^There is no token 9; token:list shows them\.\n$/],
    ] as const) {
      const ended = await run(...args)
      assert.deepEqual([ended.status, ended.stdout], [status, ''], args.join(' '))
      assert.match(ended.stderr, says)
    }
  })
})

function filesOf(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')
}
