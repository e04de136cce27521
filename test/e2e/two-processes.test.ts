import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'

const ROLLCALL = resolve(import.meta.dirname, '../../rollcall')
const RECORDS = 3_000
const PUNCHES = 40
/** Long enough for dozens of polls by each process. */
const POLLS_MIN = 12

/** Two syncs on one database and one device, for as long as it takes to see them alternate. */
test('two attendance:sync processes: every punch once, and the device never sees two connections at a time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-two-'))
  const env = { ...process.env, ROLLCALL_STORAGE: folder, DATABASE_URL: `sqlite:${join(folder, 'rollcall.db')}` }
  const device = new VirtualDevice({ seed: 0x7e57, packetPauseMs: 5 }, { clock: systemClock })
  device.fillLog(RECORDS)
  const listener = await listenVirtualDevice(device, { host: '127.0.0.1', port: 0, transport: 'tcp' })
  const start = (...args: string[]) => spawn(ROLLCALL, args, { env, stdio: 'ignore' })
  const add = start(
    'device:add',
    '--name',
    'Gate',
    '--host',
    '127.0.0.1',
    '--port',
    String(listener.port),
    '--timezone',
    'UTC',
  )
  assert.deepEqual(await once(add, 'exit'), [0, null])

  const syncs = [start('attendance:sync', '--interval', '1'), start('attendance:sync', '--interval', '1')]
  try {
    let punched = 0
    await until(() => {
      if (punched < PUNCHES && device.punchBySomebody()) punched++
      return punched === PUNCHES && device.stats.sessions >= POLLS_MIN && isAllStored(env.DATABASE_URL, device)
    })
  } finally {
    for (const sync of syncs) sync.kill('SIGINT')
    const exits = await Promise.all(syncs.map(codeOf))
    await listener[Symbol.asyncDispose]()
    assert.deepEqual(exits, [0, 0])
  }
  assert.equal(device.stats.maxOpenConnections, 1)
  assert.equal(device.stats.maxOpenSessions, 1)
  const rows = punchesStored(env.DATABASE_URL)
  assert.equal(new Set(rows).size, rows.length, 'a punch is stored twice')
  assert.deepEqual(new Set(rows), keysOf(device))
  rmSync(folder, { recursive: true, force: true })
})

async function codeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

function keysOf(device: VirtualDevice): Set<string> {
  return new Set(device.punches.map(punch => `${punch.userId}|${punch.localTime}`))
}

function isAllStored(url: string, device: VirtualDevice): boolean {
  return punchesStored(url).length === keysOf(device).size
}

function punchesStored(url: string): string[] {
  const database = new Database(url.slice('sqlite:'.length), { readonly: true })
  try {
    const select = database.prepare("select device_user_id || '|' || local_time from attendance_logs")
    return select.pluck().all() as string[]
  } finally {
    database.close()
  }
}

/** Looks every 100 ms; the time limit of the test bounds it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await systemClock.sleep(100)
}
