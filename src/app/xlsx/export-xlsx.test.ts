import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'vitest'
import { readXlsx } from '../../../test/read-xlsx.ts'
import type { AttendanceView } from '../attendance-view.ts'
import { CSV_COLUMNS } from '../export.ts'
import { sheetCell, XLSX_COLUMNS } from './cells.ts'
import { exportXlsx } from './export-xlsx.ts'

const VIEW: AttendanceView = {
  id: 7,
  device_id: 1,
  device: 'Gate',
  device_user_id: '0042',
  name: 'Ana',
  punched_at: '2025-12-08T13:35:22.000Z',
  local_time: '2025-12-08 14:35:22',
  time_note: null,
  punch_state: 1,
  punch_state_word: 'out',
  verify_mode: 15,
  verify_mode_word: 'face',
  work_code: 0,
  source: 'poll',
  record_layout: '40',
  raw_record: '00ff10',
  created_at: '2025-12-08T13:35:30.000Z',
  clock_drift_s: -4,
}

async function* viewsOf(...views: Array<Partial<AttendanceView>>) {
  for (const view of views) yield { ...VIEW, ...view }
}

async function sheetsOf(views: AsyncIterable<AttendanceView>, options: { rowsPerSheet?: number } = {}) {
  const pieces: Uint8Array[] = []
  for await (const piece of exportXlsx(views, options)) pieces.push(piece)
  return readXlsx(Buffer.concat(pieces))
}

async function sheetOf(...views: Array<Partial<AttendanceView>>) {
  const [sheet, ...more] = await sheetsOf(viewsOf(...views))
  assert(sheet && more.length === 0)
  return sheet
}

/** The moment that a spreadsheet shows for a serial number. */
function shown(serial: string | undefined): string {
  return new Date(Math.round((Number(serial) - 25_569) * 86_400) * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

describe('an xlsx file', () => {
  const zone = process.env.TZ
  afterEach(() => {
    // Assigning undefined would set the text "undefined".
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })

  test('has the columns of a CSV file under a bold, frozen heading with filters', async () => {
    const { cells, ...sheet } = await sheetOf({})
    assert.deepEqual(
      XLSX_COLUMNS.map(({ key }) => key),
      [...CSV_COLUMNS],
    )
    const headings = [...cells].filter(([reference]) => /^[A-Z]1$/.test(reference)).map(([, cell]) => cell)
    assert.deepEqual(
      headings.map(({ value }) => value),
      CSV_COLUMNS.map(column => (column === 'punched_at' ? 'punched_at (UTC)' : column)),
    )
    assert(headings.every(({ isBold }) => isBold))
    assert.deepEqual(sheet, { name: 'Attendance logs', rows: 2, isHeadingFrozen: true, filter: 'A1:P2' })
  })

  test('says what is a number, a text or a time', async () => {
    const { cells } = await sheetOf({})
    const row = [...cells].filter(([reference]) => reference.endsWith('2'))
    assert(row.every(([, { isBold }]) => !isBold))
    const time = 'yyyy-mm-dd hh:mm:ss'
    assert.deepEqual(
      row.map(([reference, { type, value, format }]) => [reference, type, value, format]),
      [
        ['A2', 'number', '7', 'General'],
        ['B2', 'number', '1', 'General'],
        ['C2', 'text', 'Gate', '@'],
        ['D2', 'text', '0042', '@'],
        ['E2', 'text', 'Ana', '@'],
        ['F2', 'number', cells.get('F2')?.value, time],
        ['G2', 'number', cells.get('G2')?.value, time],
        ['I2', 'number', '1', 'General'],
        ['J2', 'text', 'out', '@'],
        ['K2', 'number', '15', 'General'],
        ['L2', 'text', 'face', '@'],
        ['M2', 'number', '0', 'General'],
        ['N2', 'text', 'poll', '@'],
        ['O2', 'text', '40', '@'],
        ['P2', 'number', '-4', 'General'],
      ],
    )
  })

  for (const machine of ['Pacific/Kiritimati', 'America/New_York', 'UTC'])
    test(`says times as they are on a machine in ${machine}`, async () => {
      process.env.TZ = machine
      assert.equal(new Intl.DateTimeFormat().resolvedOptions().timeZone, machine)
      // The second is in an hour that New York does not have.
      const locals = ['2025-12-08 14:35:22', '2026-03-08 02:30:00', '2000-01-01 00:00:00', '2099-12-31 23:59:59']
      const { cells } = await sheetOf(...locals.map(local_time => ({ local_time })))
      assert.deepEqual(
        locals.map((_, i) => shown(cells.get(`F${i + 2}`)?.value)),
        locals,
      )
      assert.equal(shown(cells.get('G2')?.value), '2025-12-08 13:35:22')
    })

  const texts = [
    ['=1+1'],
    ['+49 30'],
    ['-5'],
    ['@SUM(A1)'],
    ['=HYPERLINK("http://x","y")'],
    ['{=1}'],
    ['007'],
    ['1e5'],
    ['TRUE'],
    ['2025-12-08'],
    ['a & b <c> "d" \'e\' ]]>'],
    ['  spaces  '],
    ['Żółć 王小明 علي 🙂'],
    ['_x0041_ and _x000d_'],
    ['two\nlines\tand a tab'],
    ['bell\u0007, nul\u0000, escape\u001b[2J, return\r, next line\u0085', 'bell, nul, escape[2J, return, next line'],
    ['half \ud83d', 'half \ufffd'],
    ['no character \uffff', 'no character '],
  ] as const
  test('texts stay texts, and what XML cannot hold is left out', async () => {
    const { cells } = await sheetOf(...texts.map(([name]) => ({ name, device: name })))
    for (const [i, [text, expected = text]] of texts.entries()) {
      for (const column of ['C', 'E']) {
        const cell = cells.get(`${column}${i + 2}`)
        assert.deepEqual([cell?.type, cell?.value], ['text', expected], JSON.stringify(text))
      }
    }
  })

  test('without logs there are still headings', async () => {
    const sheet = await sheetOf()
    assert.deepEqual([sheet.rows, sheet.cells.size, sheet.filter], [1, 16, 'A1:P1'])
  })

  test('goes on in another sheet where one is full, and loses no row', async () => {
    const sheets = await sheetsOf(viewsOf(...Array.from({ length: 2500 }, (_, id) => ({ id }))), { rowsPerSheet: 1001 })
    assert.deepEqual(
      sheets.map(({ name, rows, isHeadingFrozen, filter }) => [name, rows, isHeadingFrozen, filter]),
      [
        ['Attendance logs', 1001, true, 'A1:P1001'],
        ['Attendance logs 2', 1001, true, 'A1:P1001'],
        ['Attendance logs 3', 501, true, 'A1:P501'],
      ],
    )
    const ids = sheets.flatMap(({ cells, rows }) =>
      Array.from({ length: rows - 1 }, (_, i) => Number(cells.get(`A${i + 2}`)?.value)),
    )
    assert.deepEqual(
      ids,
      Array.from({ length: 2500 }, (_, id) => id),
    )
  })

  test('a sheet that is just full is the last one', async () => {
    const sheets = await sheetsOf(viewsOf({}, {}, {}), { rowsPerSheet: 4 })
    assert.deepEqual(
      sheets.map(({ rows }) => rows),
      [4],
    )
  })
})

describe('an export that does not come to its end', () => {
  /** Views without end, which count how many were asked for. */
  function endless() {
    const asked = { count: 0, isClosed: false }
    async function* views() {
      try {
        for (;;) {
          asked.count++
          yield VIEW
        }
      } finally {
        asked.isClosed = true
      }
    }
    return { asked, views: views() }
  }

  test('a reader that waits is waited for, and one that goes away ends thread and source', async () => {
    const { asked, views } = endless()
    const bytes = exportXlsx(views)
    await bytes.next()
    const before = asked.count
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    assert.equal(asked.count, before)
    await bytes.return(undefined)
    assert(asked.isClosed)
    assert(!process.getActiveResourcesInfo().includes('Worker'))
  })

  test('what the source throws reaches the reader', async () => {
    async function* broken() {
      yield VIEW
      throw new Error('the store is away')
    }
    await assert.rejects(sheetsOf(broken()), /the store is away/)
  })

  test('what fails in the thread reaches the reader', async () => {
    const { asked, views } = endless()
    async function* unreadable() {
      // A function cannot go to another thread.
      for await (const view of views) yield { ...view, name: (() => {}) as unknown as string }
    }
    await assert.rejects(sheetsOf(unreadable()), /could not be cloned/)
    assert(asked.isClosed)
  })
})

describe('a cell of a time', () => {
  for (const text of ['2025-02-30 10:00:00', '1900-01-01 00:00:00', '2025-12-08 24:00:01', 'soon', ''])
    test(`${JSON.stringify(text)} is no date of a sheet and stays a text`, () =>
      assert.equal(sheetCell('local', text), text))

  test('the first one that all programs agree on', () => assert.equal(sheetCell('local', '1900-03-01 12:00:00'), 61.5))
})
