import assert from 'node:assert/strict'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/app/config.ts'
import { openReader } from '../../src/app/database.ts'
import { nameHolder } from '../../src/app/holder.ts'
import { systemRandom } from '../../src/base/random.ts'
import { COPIED_TABLES } from '../../src/store/copy-tables.ts'
import { isLong } from '../long.ts'
import { mayTest, type ServerName, startServer } from '../servers/recipes.ts'
import { Installation, jsonLines } from './rollcall-process.ts'

const ROWS = 16_000
/** Seconds of work for a copy, some of which falls to any of these moments: so many rows are there when it is killed. */
const KILLED_AT_ROWS = isLong('three of six kills of a copy') ? [0, 1, 4_000, 9_000, 14_000, ROWS] : [1, 4_000, 14_000]
const LOOK_MS = 5
const LOOKS_MAX = 4_000

const SOURCE = 'sqlite:storage/rollcall.db'

/** One installation with a large log; its database is copied to one target after the other. */
describe('db:copy', () => {
  const rollcall = new Installation()
  const path = (name: string) => join(rollcall.directory, name)
  const copy = (from: string, to: string, ...more: string[]) =>
    rollcall.run(['db:copy', '--from', from, '--to', to, '--yes', ...more])
  const withSource = <Result>(work: (database: Database.Database) => Result): Result => {
    const database = new Database(path('storage/rollcall.db'))
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  beforeAll(async () => {
    await rollcall.run(['device:add', '--name', 'Gate', '--host', '127.0.0.1', '--comm-key', '424242'])
    withSource(database =>
      database.exec(`insert into attendance_logs (device_id, device_user_id, punched_at, local_time, punch_state,
          verify_mode, work_code, source, record_layout, raw_record, created_at)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
        select 1, i % 97, '2026-01-05T08:30:00.123Z', i, 0, 1, 0, 'poll', '40', randomblob(40), '2026-01-05T08:30:00.000Z'
        from n`),
    )
  })
  afterAll(() => rollcall[Symbol.dispose]())

  /** Kills copies in the middle, then lets one end. */
  async function copyDespiteKills(to: string): Promise<void> {
    const use = (...args: string[]) => rollcall.run(args, { environment: { DATABASE_URL: to } })
    let killed = 0
    for (const rows of KILLED_AT_ROWS) {
      const running = rollcall.start(['db:copy', '--from', SOURCE, '--to', to, '--yes', '--json'])
      await untilRows(parseDatabaseUrl(to, rollcall.directory), rows)
      running.process.kill('SIGKILL')
      const { stdout, status } = await running.ended
      if (status === null) killed++
      if (status === 0) assert.equal(jsonLines(stdout).at(-1)?.equal, true)
      if (rows === 4_000) {
        const { status, stdout, stderr } = await use('attendance:count')
        assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
        assert.match(
          stderr,
          /^The database \S+ is the target of a copy of sqlite:\S+rollcall\.db that is not finished\.\n/,
        )
        const other = await copy('sqlite:other.db', to)
        assert.equal(other.status, 2)
        assert.match(
          other.stderr,
          /holds an unfinished copy of sqlite:\S+\/storage\/rollcall\.db: go on with that source/,
        )
      }
    }
    assert(killed >= KILLED_AT_ROWS.length - 2, `${killed} were killed in the middle`)
    const { status, stdout, stderr } = await copy(SOURCE, to, '--json')
    assert.equal(status, 0, stderr)
    const objects = jsonLines(stdout)
    assert.equal(objects.length, COPIED_TABLES.length + 1, 'one for each table, and one for the end')
    for (const object of objects) assert.equal(object.equal, true)
    const logs = objects.find(object => object.table === 'attendance_logs')
    assert.deepEqual([logs?.rows, logs?.source_rows, logs?.checksum], [ROWS, ROWS, logs?.source_checksum])
    assert.deepEqual(await logsOf(to), await logsOf(SOURCE))
    assert.match((await use('attendance:count')).stdout, new RegExp(`\\b${ROWS}\\b`))
    assert.equal((await use('device:edit', '1', '--name', 'Gate of the copy')).status, 0)
    const added = await use('device:add', '--name', 'Yard', '--host', '127.0.0.2', '--json')
    assert.equal(jsonLines(added.stdout)[0]?.id, 2)
    const again = await copy(SOURCE, to)
    assert.deepEqual([again.status, again.stdout], [2, ''])
    assert.match(again.stderr, /holds a copy of sqlite:\S+ that was finished at 20\S+Z: let DATABASE_URL name it/)
  }

  async function logsOf(url: string): Promise<string[]> {
    await using reader = await openReader(parseDatabaseUrl(url, rollcall.directory))
    const columns = ['id', 'device_user_id', 'local_time', 'punched_at', 'raw_record'] as const
    const rows = await reader.kysely.selectFrom('attendance_logs').select(columns).orderBy('id').execute()
    return rows.map(
      row => `${row.id} ${row.device_user_id} ${row.local_time} ${row.punched_at} ${row.raw_record.toHex()}`,
    )
  }

  test('refuses what cannot be meant, in one sentence, and makes no file of it', async () => {
    copyFileSync(path('storage/rollcall.db'), path('other.db'))
    writeFileSync(path('empty.db'), '')
    const stranger = new Database(path('stranger.db'))
    stranger.exec('create table t (x)')
    stranger.close()
    const cases: ReadonlyArray<readonly [args: string[], status: number, says: RegExp]> = [
      [['--from', SOURCE, '--to', 'sqlite:new.db'], 2, /^db:copy needs --yes where nobody can be asked\.\n$/],
      [
        ['--from', SOURCE, '--to', 'sqlite:storage/../storage/rollcall.db', '--yes'],
        2,
        /^--from and --to name the same/,
      ],
      [
        ['--from', 'sqlite:nothing.db', '--to', 'sqlite:new.db', '--yes'],
        2,
        /^--from names sqlite:\S+nothing\.db, and there is no/,
      ],
      [['--from', 'sqlite:empty.db', '--to', 'sqlite:new.db', '--yes'], 2, /empty\.db holds no data of Rollcall\.\n$/],
      [
        ['--from', 'sqlite:stranger.db', '--to', 'sqlite:new.db', '--yes'],
        1,
        /stranger\.db is a SQLite database of another/,
      ],
      [['--from', SOURCE, '--to', 'sqlite:stranger.db', '--yes'], 1, /stranger\.db is a SQLite database of another/],
      [
        ['--from', SOURCE, '--to', 'sqlite:other.db', '--yes'],
        2,
        /other\.db, which is not empty \(rows: 1 in devices, .*: give an empty/,
      ],
      [['--from', SOURCE, '--to', 'oracle://u:7712345677@h/x', '--yes'], 2, /^--to begins with "oracle:"/],
      [['--from', 'mysql://u:7712345677@h', '--to', SOURCE, '--yes'], 2, /^--from names no database/],
      [['--from', SOURCE, '--yes'], 2, /--to/],
    ]
    for (const [args, status, says] of cases) {
      const ended = await rollcall.run(['db:copy', ...args])
      assert.deepEqual([ended.status, ended.stdout], [status, ''], args.join(' '))
      assert.match(ended.stderr, says)
    }
    assert(!existsSync(path('new.db')) && !existsSync(path('nothing.db')))
  })

  test('refuses a source that somebody works on, and says who', async () => {
    const holder = nameHolder(systemRandom)
    withSource(database => {
      const lease = database.prepare(`insert or replace into device_leases values (1, ?, 5, 30000, ?, 0)`)
      lease.run(holder, new Date(Date.now() + 30_000).toISOString())
    })
    const { status, stdout, stderr } = await copy(SOURCE, 'sqlite:new.db')
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
    assert.match(
      stderr,
      new RegExp(`rollcall\\.db is in use: pid ${process.pid} on \\S+ has device 1\\.\\n +Stop every process`),
    )
    withSource(database => database.exec(`update device_leases set holder = null, expires_at = null`))
  })

  test('a copy to another file outlives any kill', () => copyDespiteKills('sqlite:kills.db'))

  test('Ctrl+C ends it in order, and the next one goes on', async () => {
    const to = 'sqlite:interrupted.db'
    const running = rollcall.start(['db:copy', '--from', SOURCE, '--to', to, '--yes'])
    await untilRows(parseDatabaseUrl(to, rollcall.directory), 1_000)
    running.process.kill('SIGINT')
    const { status, stdout, stderr } = await running.ended
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
    assert.equal(stderr, 'Stopped before everything was copied; run the same command again to go on.\n')
    const holders = withSource(database => database.prepare('select holder from device_leases').pluck().all())
    assert.deepEqual(holders, [null])
    const next = await copy(SOURCE, to)
    assert.equal(next.status, 0)
    assert.match(next.stderr, /^Going on with the copy that was begun at 20/)
    assert.match(
      next.stdout,
      new RegExp(`^TABLE +ROWS +CHECKSUM +BOTH SIDES\\n.*attendance_logs +${ROWS} +[0-9a-f]{32} +equal\\n`, 's'),
    )
    assert.match(next.stdout, /\nCopied sqlite:\S+ to sqlite:\S+interrupted\.db: every table is equal\.\n$/)
  })

  test('a difference names its table, is exit status 1, and leaves the target unfinished', async () => {
    const environment = { DATABASE_URL: 'sqlite:meddled.db' }
    assert.equal((await rollcall.run(['migrate'], { environment })).status, 0)
    const meddle = (sql: string) => {
      const database = new Database(path('meddled.db'))
      database.exec(sql)
      database.close()
    }
    for (const when of ['insert', 'update']) {
      meddle(`create trigger after_${when} after ${when} on devices
        begin update devices set name = name || '!' where id = new.id; end`)
    }
    const { status, stdout } = await copy(SOURCE, 'sqlite:meddled.db')
    assert.equal(status, 1)
    assert.match(
      stdout,
      /\ndevices +1 +[0-9a-f]{32} +DIFFERENT: the source\n +1 +[0-9a-f]{32} +and the target\ndevice_users /,
    )
    assert.match(stdout, /\nThe copy of sqlite:\S+ in sqlite:\S+ differs in devices, and stays unfinished\.\n$/)
    assert.equal((await rollcall.run(['migrate'], { environment })).status, 1)
    const [devices] = jsonLines((await copy(SOURCE, 'sqlite:meddled.db', '--json')).stdout)
    assert.deepEqual([devices?.table, devices?.equal], ['devices', false])
    meddle('drop trigger after_insert; drop trigger after_update')
    assert.equal((await copy(SOURCE, 'sqlite:meddled.db')).status, 0)
    assert.equal((await rollcall.run(['migrate'], { environment })).status, 0)
  })

  for (const name of ['PostgreSQL', 'MariaDB'] as const satisfies ServerName[]) {
    test.skipIf(!mayTest(name, `db:copy to ${name}`))(`a copy to ${name} and back outlives any kill`, async () => {
      await using server = await startServer(name)
      const url = server.url(await server.createDatabase())
      await copyDespiteKills(url)
      const back = await copy(url, `sqlite:back-from-${name}.db`)
      assert.equal(back.status, 0, back.stderr)
      assert.deepEqual(await logsOf(`sqlite:back-from-${name}.db`), await logsOf(SOURCE))
      const environment = { DATABASE_URL: `sqlite:back-from-${name}.db` }
      assert.match((await rollcall.run(['device:show', '1'], { environment })).stdout, /Gate of the copy/)
      const nobodys = await copy(server.url(await server.createDatabase()), 'sqlite:new.db')
      assert.equal(nobodys.status, 2)
      assert.match(nobodys.stderr, /holds no data of Rollcall/)
    })
  }

  test('no secret was printed', () => {
    for (const secret of ['tiger', '7712345677', '424242']) assert(!rollcall.printed.includes(secret), secret)
  })
})

/** Resolves once the table of attendance logs is there with so many rows. */
async function untilRows(database: Parameters<typeof openReader>[0], rows: number): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    if (((await rowsIn(database)) ?? -1) >= rows) return
    await sleep(LOOK_MS)
  }
  assert.fail('the rows never came')
}

async function rowsIn(database: Parameters<typeof openReader>[0]): Promise<number | null> {
  try {
    await using reader = await openReader(database)
    const { fn } = reader.kysely
    const row = await reader.kysely
      .selectFrom('attendance_logs')
      .select(fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
    return Number(row.rows)
  } catch {
    // Neither the file nor the table is there yet.
    return null
  }
}
