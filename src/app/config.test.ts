import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { ConfigError } from '../base/errors.ts'
import { readConfig, readEnvironment } from './config.ts'
import { shownDatabase } from './database.ts'

const config = (environment: Record<string, string>) => readConfig({ environment, workingDirectory: '/srv/rollcall' })

describe('configuration', () => {
  test('everything has a default below the working directory', () => {
    assert.deepEqual(config({}), {
      storageDir: '/srv/rollcall/storage',
      database: { engine: 'sqlite', path: '/srv/rollcall/storage/rollcall.db' },
      queue: { engine: 'embedded' },
      log: { directory: '/srv/rollcall/storage/logs', channel: 'local', level: 'info', format: 'line' },
      comparison: { everyDays: 1, quietHours: { from: 1, to: 5 } },
      web: { host: '127.0.0.1', port: 8370, trustProxy: [] },
    })
  })

  test('an empty variable counts as unset', () => {
    const empty = {
      DATABASE_URL: '',
      REDIS_URL: '',
      ROLLCALL_STORAGE: '',
      ROLLCALL_ENV: '',
      LOG_LEVEL: '',
      LOG_FORMAT: '',
      ROLLCALL_HOST: '',
      ROLLCALL_PORT: '',
      ROLLCALL_TRUST_PROXY: '',
    }
    assert.deepEqual(config(empty), config({}))
  })

  test('the day and the hours of the comparison', () => {
    const { comparison } = config({ ROLLCALL_COMPARE_DAYS: '7', ROLLCALL_QUIET_HOURS: '22-4' })
    assert.deepEqual(comparison, { everyDays: 7, quietHours: { from: 22, to: 4 } })
    assert.equal(config({ ROLLCALL_COMPARE_DAYS: '0' }).comparison.everyDays, 0)
    assert.deepEqual(config({ ROLLCALL_QUIET_HOURS: '20-24' }).comparison.quietHours, { from: 20, to: 0 })
  })

  test('where the web interface listens, and whom it believes', () => {
    const { web } = config({ ROLLCALL_HOST: '[::1]', ROLLCALL_PORT: '80', ROLLCALL_TRUST_PROXY: '10.0.0.5, fd00::/8,' })
    assert.deepEqual(web, { host: '::1', port: 80, trustProxy: ['10.0.0.5', 'fd00::/8'] })
    for (const port of ['0', '65536', 'eighty', '-1']) {
      assert.throws(() => config({ ROLLCALL_PORT: port }), /ROLLCALL_PORT must be a whole number/)
    }
    for (const proxy of ['true', '*', 'proxy.example', '10.0.0.0/0', '10.0.0.0/33', '10.0.0.1/8/8', '1']) {
      assert.throws(() => config({ ROLLCALL_TRUST_PROXY: proxy }), /ROLLCALL_TRUST_PROXY must be addresses/)
    }
  })

  test('the storage folder takes the database and the logs along', () => {
    const { storageDir, database, log } = config({ ROLLCALL_STORAGE: '/var/lib/rollcall' })
    assert.equal(storageDir, '/var/lib/rollcall')
    assert.deepEqual(database, { engine: 'sqlite', path: '/var/lib/rollcall/rollcall.db' })
    assert.equal(log.directory, '/var/lib/rollcall/logs')
  })

  for (const [url, path] of [
    ['sqlite:data/a.db', '/srv/rollcall/data/a.db'],
    ['sqlite:/data/a.db', '/data/a.db'],
    ['sqlite:///data/a.db', '/data/a.db'],
    ['SQLite:a b.db', '/srv/rollcall/a b.db'],
  ] as const)
    test(`DATABASE_URL ${url}`, () =>
      assert.deepEqual(config({ DATABASE_URL: url }).database, { engine: 'sqlite', path }))

  test('DATABASE_URL names a server', () => {
    const { database } = config({ DATABASE_URL: 'postgresql://hr:s%23cret@[::1]/hr?sslmode=require' })
    assert(database.engine === 'postgres')
    assert.equal(shownDatabase(database), 'postgres://[::1]:5432/hr')
    const { user, password, tls } = database.address
    assert.deepEqual([user, password, tls], ['hr', 's#cret', { isVerified: false, authority: null }])
    const socket = config({ DATABASE_URL: 'mysql://hr@localhost/hr?socket=/run/mysqld.sock' }).database
    assert.equal(shownDatabase(socket), 'mysql:///run/mysqld.sock/hr')
  })

  test('REDIS_URL chooses the queue', () => {
    const { queue } = config({ REDIS_URL: 'redis://:s%23cret@queue.example/3' })
    assert(queue.engine === 'redis')
    const { host, port, password, database, tls } = queue.address
    assert.deepEqual([host, port, password, database, tls], ['queue.example', 6379, 's#cret', 3, false])
  })

  for (const [name, text] of [
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'tiger'],
    ['REDIS_URL', 'https://:tiger@queue.example'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'redis://:tiger#1@queue.example'],
    ['REDIS_URL', 'redis://:tiger%@queue.example'],
    ['REDIS_URL', 'redis://:tiger@queue.example/main'],
    ['REDIS_URL', 'redis://:tiger@queue.example?db=tiger'],
    ['DATABASE_URL', 'sqlite:'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_URL', 'sqlite://data/a.db'],
    ['DATABASE_URL', 'storage/a.db'],
    ['DATABASE_URL', 'oracle://scott:tiger@db/hr'],
    ['DATABASE_URL', 'postgres:hr:tiger@db/hr'],
    ['DATABASE_URL', 'postgres://hr:tiger@db'],
    ['DATABASE_URL', 'postgres://hr:tiger@/hr'],
    ['DATABASE_URL', 'postgres://hr:tiger#1@db/hr'],
    ['DATABASE_URL', 'mysql://hr:tiger%@db/hr'],
    ['DATABASE_URL', 'mysql://hr:tiger@db/hr/tiger'],
    ['DATABASE_URL', 'mysql://hr:tiger@db:0/hr'],
    ['DATABASE_URL', 'mysql://hr:tiger@db/hr?password=tiger'],
    ['DATABASE_URL', 'mysql://hr:tiger@db/hr?sslmode=tiger'],
    ['DATABASE_URL', 'mysql://hr:tiger@db/hr?sslmode=verify-full&sslrootcert=missing.pem'],
    ['ROLLCALL_COMPARE_DAYS', 'daily'],
    ['ROLLCALL_COMPARE_DAYS', '32'],
    ['ROLLCALL_QUIET_HOURS', '1'],
    ['ROLLCALL_QUIET_HOURS', '3-3'],
    ['ROLLCALL_QUIET_HOURS', '22-25'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['ROLLCALL_ENV', 'two words'],
  ] as const)
    test(`${name}=${text} is refused by name, without repeating a password`, () =>
      assert.throws(
        () => config({ [name]: text }),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.code === 'CONFIG_INVALID' &&
          error.message.includes(name) &&
          !error.message.includes('tiger'),
      ))

  test('LOG_LEVEL speaks as the log file does, too', () => {
    assert.equal(config({ LOG_LEVEL: 'WARNING' }).log.level, 'warn')
    assert.equal(config({ LOG_LEVEL: 'debug' }).log.level, 'debug')
  })
})

describe('.env', () => {
  let workingDirectory = ''
  beforeEach(() => {
    workingDirectory = mkdtempSync(join(tmpdir(), 'rollcall-config-'))
  })
  afterEach(() => rmSync(workingDirectory, { recursive: true }))

  test('stands behind the real environment', () => {
    writeFileSync(join(workingDirectory, '.env'), '# ours\nLOG_LEVEL=debug\nROLLCALL_ENV="production"\n')
    const environment = readEnvironment({ environment: { LOG_LEVEL: 'error' }, workingDirectory })
    assert.equal(environment.LOG_LEVEL, 'error')
    assert.equal(environment.ROLLCALL_ENV, 'production')
  })

  test('need not be there', () =>
    assert.deepEqual(readEnvironment({ environment: { A: '1' }, workingDirectory }), { A: '1' }))

  test('that cannot be read is an error, not silence', () => {
    mkdirSync(join(workingDirectory, '.env'))
    assert.throws(() => readEnvironment({ environment: {}, workingDirectory }), /\.env cannot be read/)
  })
})
