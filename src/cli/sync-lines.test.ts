import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { SyncEvent } from '../app/rollcall.ts'
import { syncEventJson, syncEventLines, syncPrinter } from './sync-lines.ts'
import type { Terminal } from './terminal.ts'

const OF = { deviceId: 1, device: 'Main Entrance' } as const

const SYNCED: SyncEvent = {
  ...OF,
  event: 'device.synced',
  mode: 'full',
  recordsOnDevice: 120,
  received: 3,
  inserted: 2,
  duplicates: 1,
  quarantined: 0,
  bytes: 136,
  durationMs: 42,
  countProof: 'counter',
}
const FAILED: SyncEvent = {
  ...OF,
  event: 'device.failed',
  code: 'CONNECTION_REFUSED',
  message: 'connection refused at 192.168.1.202:4370',
  nextStep: 'check the address',
  retryInMs: 60_400,
}
const WAITING: SyncEvent = {
  ...OF,
  event: 'device.waiting',
  heldBy: 'pid 7 on gate',
}
const PROGRESS: SyncEvent = {
  ...OF,
  event: 'device.progress',
  bytesReceived: 1,
  bytesTotal: 2,
  recordsReceived: 1,
  recordsTotal: 2,
  startedMsAgo: 5,
}

const plain = { style: (_: unknown, text: string) => text, isTerminal: false } as const
const onTerminal = { ...plain, isTerminal: true }

describe('lines of a sync', () => {
  for (const { name, event, terminal = plain, lines } of [
    { name: 'synced', event: SYNCED, lines: ['✓ Main Entrance - 2 new log(s) synced'] },
    {
      name: 'synced, with records in quarantine',
      event: { ...SYNCED, quarantined: 4 },
      lines: ['✓ Main Entrance - 2 new log(s) synced (4 records set aside in quarantined_records)'],
    },
    {
      name: 'failed',
      event: FAILED,
      lines: ['✗ Main Entrance - connection refused at 192.168.1.202:4370 (next try in 60 s)'],
    },
    {
      name: 'failed in the only pass, on a terminal',
      event: { ...FAILED, retryInMs: null },
      terminal: onTerminal,
      lines: ['✗ Main Entrance - connection refused at 192.168.1.202:4370', '    check the address'],
    },
    { name: 'waiting', event: WAITING, lines: ['… Main Entrance - another process reads it: pid 7 on gate'] },
    { name: 'progress', event: PROGRESS, lines: [] },
    {
      name: 'a name that would repaint the screen',
      event: { ...SYNCED, device: 'Gate\u001b[2J\n' },
      lines: ['✓ Gate\ufffd[2J\ufffd - 2 new log(s) synced'],
    },
  ])
    test(name, () => assert.deepEqual(syncEventLines(event, terminal), lines))
})

describe('objects of a sync', () => {
  test('synced and failed have the published fields in the published order', () => {
    assert.equal(
      JSON.stringify(syncEventJson(SYNCED)),
      '{"event":"device.synced","device_id":1,"device":"Main Entrance","mode":"full","records_on_device":120,"received":3,"inserted":2,"duplicates":1,"quarantined":0,"bytes":136,"duration_ms":42}',
    )
    assert.equal(
      JSON.stringify(syncEventJson(FAILED)),
      '{"event":"device.failed","device_id":1,"device":"Main Entrance","code":"CONNECTION_REFUSED","message":"connection refused at 192.168.1.202:4370","retry_in_s":60}',
    )
  })

  test('what is not published is no object', () => assert.equal(syncEventJson(PROGRESS), null))
})

describe('printer', () => {
  function printing(json: boolean) {
    const printed: string[] = []
    const terminal = {
      ...plain,
      print: (line: string) => printed.push(line),
      json: (object: object) => printed.push(JSON.stringify(object)),
    } as unknown as Terminal
    const shown: string[] = []
    const progress = {
      show: () => shown.push('show'),
      end: () => shown.push('end'),
      around: (print: () => void) => print(),
      [Symbol.dispose]() {},
    }
    return { tell: syncPrinter(terminal, { json, progress }), printed, shown }
  }

  test('says once that another process reads a device, until something else happens', () => {
    const { tell, printed } = printing(false)
    for (const event of [WAITING, WAITING, WAITING, SYNCED, WAITING]) tell(event)
    assert.equal(printed.length, 3)
  })

  test('records in quarantine are told at first, and when their number changes', () => {
    const { tell, printed } = printing(false)
    for (const quarantined of [2, 2, 3, 3, 0, 3]) tell({ ...SYNCED, quarantined })
    assert.deepEqual(
      printed.map(line => /\d (?=records set)/.exec(line)?.[0].trim() ?? ''),
      ['2', '', '3', '', '', '3'],
    )
  })

  test('a bar is shown while a device is read, and never beside JSON', () => {
    const people = printing(false)
    for (const event of [PROGRESS, PROGRESS, SYNCED]) people.tell(event)
    assert.deepEqual(people.shown, ['show', 'show', 'end'])
    const programs = printing(true)
    for (const event of [PROGRESS, SYNCED]) programs.tell(event)
    assert.ok(!programs.shown.includes('show'))
    assert.equal(programs.printed.length, 1)
  })
})
