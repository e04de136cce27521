import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openMysqlStore } from '../../../src/store/mysql/open-mysql-store.ts'
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts'
import { parseServerAddress } from '../../../src/store/server-address.ts'
import { ProcessServer } from '../../servers/process-server.ts'
import { mayTest, SERVERS, type ServerName } from '../../servers/recipes.ts'
import { rejectsWith, StandingClock, turningBox } from './fixture.ts'

const OPEN = { PostgreSQL: openPostgresStore, MariaDB: openMysqlStore }
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.warn('skipped: TLS to database servers needs openssl')

for (const name of ['PostgreSQL', 'MariaDB'] as const)
  describe.skipIf(!hasOpenssl || !mayTest(name, `TLS to ${name}`))(`TLS to ${name}`, () => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    /** Opens and closes the store on a server that is reached as `localhost`. */
    async function visit(server: ProcessServer, parameters: string): Promise<void> {
      const url = server.url(await server.createDatabase()).replace('127.0.0.1', 'localhost')
      const address = parseServerAddress(`${url}?${parameters}`, { port: server.port, user: 'nobody' })
      const store = await OPEN[name]({ address, clock: new StandingClock(), secrets: turningBox })
      await store[Symbol.asyncDispose]()
    }

    test('a certificate for the name of the URL, of an authority that is trusted, is taken', async () => {
      const { authority } = makeCertificate(folder, 'localhost')
      await using server = await serverWithTls(name, folder)
      await visit(server, `sslmode=verify-full&sslrootcert=${authority}`)
      await visit(server, 'sslmode=require')
      await rejectsWith('STORE_FAILED', visit(server, 'sslmode=verify-full'))
    })

    test('a certificate for another name is refused, unless nothing is to be proven', async () => {
      const { authority } = makeCertificate(folder, 'other.example')
      await using server = await serverWithTls(name, folder)
      await visit(server, 'sslmode=require')
      const error = await rejectsWith('STORE_FAILED', visit(server, `sslmode=verify-full&sslrootcert=${authority}`))
      assert.match(error.message, /does not match|altnames/i)
    })
  })

/** `server.key`, `server.pem` and the authority that signed it. */
function makeCertificate(folder: string, proves: string): { authority: string } {
  const authority = join(folder, 'authority.pem')
  const openssl = (...args: string[]) => {
    const done = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    assert.equal(done.status, 0, done.stderr)
  }
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-keyout',
    'authority.key',
    '-out',
    authority,
  )
  openssl('req', ...key, '-subj', `/CN=${proves}`, '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${proves}`)
  const signed = ['-CA', authority, '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', 'names', '-days', '2']
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem')
  return { authority }
}

/** The usual server of the tests, with the certificate in `folder`, which it gets as files of its own. */
function serverWithTls(name: ServerName, folder: string): Promise<ProcessServer> {
  const { recipe } = SERVERS[name]
  const [key, certificate] = ['server.key', 'server.pem'].map(file => readFileSync(join(folder, file))) as [
    Buffer,
    Buffer,
  ]
  return ProcessServer.start({
    ...recipe,
    make: own => {
      const { uid, gid } = statSync(own)
      // A key that others could read is refused by the server.
      writeFileSync(join(own, 'key.pem'), key, { mode: 0o600 })
      chownSync(join(own, 'key.pem'), uid, gid)
      writeFileSync(join(own, 'certificate.pem'), certificate)
      return recipe.make(own)
    },
    serve: (own, options) => {
      const { command, args } = recipe.serve(own, options)
      const [k, c] = [join(own, 'key.pem'), join(own, 'certificate.pem')]
      const tls =
        name === 'PostgreSQL'
          ? ['-c', 'ssl=on', '-c', `ssl_key_file=${k}`, '-c', `ssl_cert_file=${c}`]
          : [`--ssl-key=${k}`, `--ssl-cert=${c}`]
      return { command, args: [...args, ...tls] }
    },
  })
}
