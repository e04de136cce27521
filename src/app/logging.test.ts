import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import type { LogConfig } from './config.ts'
import { openLog } from './logging.ts'

/** Local time on purpose: the file is read by people next to the machine. */
const AT = new Date(2025, 11, 8, 14, 35, 22).getTime()

describe('log file', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rollcall-log-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const open = (settings: Partial<LogConfig> = {}, onFault: (error: Error) => void = assert.fail) =>
    openLog(
      { directory, channel: 'local', level: 'info', format: 'line', ...settings },
      { clock: { now: () => AT }, onFault },
    )
  const text = () => readFileSync(join(directory, 'rollcall.log'), 'utf8')

  test('has one line for each event', () => {
    using log = open()
    log.info('Device Main Entrance synced: 3 new logs')
    log.warn('Device Back Door - Connection failed: connection refused at 192.168.1.202:4370')
    log.error('The database is gone', { device: 7 })
    log.debug('Nobody asked')
    assert.deepEqual(text().split('\n'), [
      '[2025-12-08 14:35:22] local.INFO: Device Main Entrance synced: 3 new logs',
      '[2025-12-08 14:35:22] local.WARNING: Device Back Door - Connection failed: connection refused at 192.168.1.202:4370',
      '[2025-12-08 14:35:22] local.ERROR: The database is gone {"device":7}',
      '',
    ])
  })

  test('is JSON with LOG_FORMAT=json', () => {
    using log = open({ format: 'json', level: 'debug', channel: 'production' })
    log.debug('asked', { device: 7 })
    assert.deepEqual(JSON.parse(text()), {
      level: 'DEBUG',
      time: new Date(AT).toISOString(),
      channel: 'production',
      device: 7,
      message: 'asked',
    })
  })

  test('a name with line breaks cannot forge a line', () => {
    using log = open()
    log.info('Device Gate\n[2025-12-08 14:35:22] local.INFO: all is well\u001b[2J synced')
    assert.equal(text().split('\n').length, 2)
    assert.ok(!text().includes('\u001b'))
  })

  for (const format of ['line', 'json'] as const)
    test(`fields that hold secrets are blotted out (${format})`, () => {
      using log = open({ format })
      log.info('connected', { commKey: 918273, comm_key: '918273', password: '918273', token: '918273', device: 1 })
      assert.ok(!text().includes('918273'))
      assert.ok(text().includes('"device":1'))
    })

  test('begins a new file with the day', () => {
    writeFileSync(join(directory, 'rollcall.log'), 'yesterday\n')
    const yesterday = new Date(2025, 11, 7, 23, 59).getTime() / 1000
    utimesSync(join(directory, 'rollcall.log'), yesterday, yesterday)
    using log = open()
    log.info('today')
    assert.deepEqual(readdirSync(directory).sort(), ['rollcall-2025-12-07.log', 'rollcall.log'])
    assert.equal(readFileSync(join(directory, 'rollcall-2025-12-07.log'), 'utf8'), 'yesterday\n')
  })

  test('a file that cannot be written is told once and stops nothing', () => {
    writeFileSync(join(directory, 'file'), '')
    const faults: Error[] = []
    using log = open({ directory: join(directory, 'file', 'logs') }, fault => void faults.push(fault))
    log.info('one')
    log.info('two')
    assert.equal(faults.length, 1)
  })
})
