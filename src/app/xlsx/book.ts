import { Writable } from 'node:stream'
import { WorkbookWriter } from '@cj-tech-master/excelts'
import { type Cell, NUMBER_FORMATS, sheetCell, XLSX_COLUMNS } from './cells.ts'

type Sheet = ReturnType<WorkbookWriter['addWorksheet']>

const FONT = { name: 'Calibri', size: 11 }
const LAST_COLUMN = String.fromCharCode('A'.charCodeAt(0) + XLSX_COLUMNS.length - 1)

/**
 * A workbook under way: rows go in, the bytes of its file come out as they are made. It holds no more than the row at hand and the
 * names of its sheets. Writing a row takes its time at once, so that it belongs into a thread of its own.
 */
export class XlsxBook {
  readonly #rowsPerSheet: number
  readonly #workbook: WorkbookWriter
  #made: Uint8Array[] = []
  #sheets = 0
  #sheet: Sheet
  #rows = 0

  constructor(options: { readonly rowsPerSheet: number }) {
    this.#rowsPerSheet = options.rowsPerSheet
    const stream = new Writable({
      write: (bytes: Uint8Array, _encoding, done) => {
        this.#made.push(bytes)
        done()
      },
    })
    // A table of shared strings would stay in memory until the end.
    this.#workbook = new WorkbookWriter({ stream, creator: 'Rollcall', useStyles: true, useSharedStrings: false })
    this.#sheet = this.#openSheet()
  }

  add(rows: ReadonlyArray<readonly Cell[]>): void {
    for (const row of rows) {
      if (this.#rows >= this.#rowsPerSheet) {
        this.#closeSheet()
        this.#sheet = this.#openSheet()
      }
      this.#sheet.addRow(row.map((cell, i) => sheetCell(XLSX_COLUMNS[i]?.kind ?? 'text', cell))).commit()
      this.#rows++
    }
  }

  /** After this all bytes are made. */
  async end(): Promise<void> {
    this.#closeSheet()
    await this.#workbook.commit()
  }

  /** What was made since it was last asked for. */
  take(): Uint8Array<ArrayBuffer> {
    const made = this.#made
    this.#made = []
    const bytes = new Uint8Array(made.reduce((sum, { length }) => sum + length, 0))
    let offset = 0
    for (const piece of made) {
      bytes.set(piece, offset)
      offset += piece.length
    }
    return bytes
  }

  #openSheet(): Sheet {
    this.#sheets++
    const sheet = this.#workbook.addWorksheet(`Attendance logs${this.#sheets === 1 ? '' : ` ${this.#sheets}`}`, {
      views: [{ state: 'frozen', ySplit: 1 }],
    })
    sheet.columns = XLSX_COLUMNS.map(({ kind, width }) => {
      const numFmt = NUMBER_FORMATS[kind]
      return { width, style: numFmt === null ? {} : { numFmt } }
    })
    const heading = sheet.addRow(XLSX_COLUMNS.map(column => ('heading' in column ? column.heading : column.key)))
    heading.font = { ...FONT, bold: true }
    heading.commit()
    this.#rows = 1
    return sheet
  }

  #closeSheet(): void {
    const ref = `A1:${LAST_COLUMN}${this.#rows}`
    this.#sheet.autoFilter = ref
    // User ids are texts of digits on purpose, and each would carry a green corner that says so.
    this.#sheet.ignoredErrors = [{ ref, numberStoredAsText: true }]
    this.#sheet.commit()
  }
}
