import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import type { Device, PersonSpan } from '../model/device.ts'
import type { AttendanceLog } from '../model/punch.ts'
import { CSV_COLUMNS, csvLine, exportLogs } from './export.ts'

const LOG: AttendanceLog = {
  id: 7,
  deviceId: 1,
  deviceUserId: '0042',
  punchedAt: '2025-12-08T13:35:22.000Z',
  localTime: '2025-12-08 14:35:22',
  timeNote: null,
  punchState: 1,
  verifyMode: 15,
  workCode: 0,
  source: 'poll',
  recordLayout: '40',
  rawRecord: '00ff10',
  createdAt: '2025-12-08T13:35:30.000Z',
  clockDriftSeconds: -4,
}

/** Just what an export asks of a store. */
function storeWith(logs: readonly AttendanceLog[], names: { device: string; person: string }) {
  const span: PersonSpan = { uid: 1, userId: '0042', name: names.person, firstSeenLocal: '', lastSeenLocal: '' }
  return {
    devices: { list: async () => [{ id: 1, name: names.device } as Device] },
    people: { spans: async () => [{ ...span, name: 'before' }, span] },
    logs: {
      async *scan() {
        yield* logs
      },
    },
  } as unknown as Parameters<typeof exportLogs>[0]
}

async function textOf(
  format: 'csv' | 'jsonl',
  logs: readonly AttendanceLog[],
  names = { device: 'Gate', person: 'Ana' },
) {
  let text = ''
  let count = -1
  const counted = (logs: number) => {
    count = logs
  }
  for await (const piece of exportLogs(storeWith(logs, names), { format, filter: {}, counted })) text += piece
  return { text, count }
}

describe('csv', () => {
  for (const [text, cell] of [
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\r=x', '"\'\r=x"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['', ''],
  ] as const)
    test(`cell ${JSON.stringify(text)}`, () => assert.equal(csvLine([text]), `${cell}\r\n`))

  test('numbers and nothing', () => assert.equal(csvLine([-1, null, 'x']), '-1,,x\r\n'))

  test('a log is a line, with the newest name of the person', async () => {
    const { text, count } = await textOf('csv', [LOG])
    assert.equal(count, 1)
    assert.deepEqual(text.split('\r\n'), [
      CSV_COLUMNS.join(','),
      '7,1,Gate,0042,Ana,2025-12-08 14:35:22,2025-12-08T13:35:22.000Z,,1,out,15,face,0,poll,40,-4',
      '',
    ])
  })

  test('a name cannot become a formula', async () => {
    const { text } = await textOf('csv', [LOG], { device: '=cmd|x', person: '@x' })
    assert.ok(text.includes(",'=cmd|x,0042,'@x,"))
  })

  test('without logs there are still headings', async () => {
    assert.deepEqual(await textOf('csv', []), { text: `${CSV_COLUMNS.join(',')}\r\n`, count: 0 })
  })
})

describe('jsonl', () => {
  test('has every field, the bytes as hex', async () => {
    const { text } = await textOf('jsonl', [LOG, LOG])
    const [first, second, end] = text.split('\n')
    assert.equal(first, second)
    assert.equal(end, '')
    const object = JSON.parse(first ?? '') as Record<string, unknown>
    assert.deepEqual(
      Object.keys(object).filter(key => !(CSV_COLUMNS as readonly string[]).includes(key)),
      ['raw_record', 'created_at'],
    )
    assert.equal(object.raw_record, '00ff10')
    assert.equal(object.device_user_id, '0042')
  })

  test('many logs come in pieces and lose none', async () => {
    const logs = Array.from({ length: 1000 }, (_, index) => ({ ...LOG, id: index }))
    const { text, count } = await textOf('jsonl', logs)
    assert.equal(count, 1000)
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).id),
      logs.map(log => log.id),
    )
  })
})

describe('docs/configuration.md', () => {
  const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const namesIn = (heading: string) => {
    const section = text.slice(text.indexOf(heading))
    const [table = ''] = /(\n\|.*)+/.exec(section) ?? []
    return table
      .split('\n')
      .slice(3)
      .flatMap(line => [...(line.split('|')[1] ?? '').matchAll(/`([\w]+)`/g)].map(match => match[1]))
  }

  test('explains every column of an export, in its order', () =>
    assert.deepEqual(namesIn('## Columns of an export'), [...CSV_COLUMNS]))

  test('explains every variable that the source reads', () => {
    const sources = ['config.ts', '../cli/comm-key.ts']
      .map(path => readFileSync(new URL(path, import.meta.url), 'utf8'))
      .join('')
    const read = new Set(
      [...sources.matchAll(/\b(?:environment|variables?)\??\.([A-Z_]+)/g)].map(match => match[1] ?? ''),
    )
    // Node's own styleText honours it.
    assert.deepEqual(new Set(namesIn('# Configuration')), read.add('NO_COLOR'))
  })
})
