import type { LogFilter, Store } from '../model/store.ts'
import { type AttendanceView, AttendanceViewer } from './attendance-view.ts'
import { exportXlsx } from './xlsx/export-xlsx.ts'

export const EXPORT_FORMATS = ['csv', 'xlsx', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** The columns of a CSV or XLSX export, in order; docs/configuration.md explains them. The bytes of a record are in JSONL alone. */
export const CSV_COLUMNS = [
  'id',
  'device_id',
  'device',
  'device_user_id',
  'name',
  'local_time',
  'punched_at',
  'time_note',
  'punch_state',
  'punch_state_word',
  'verify_mode',
  'verify_mode_word',
  'work_code',
  'source',
  'record_layout',
  'clock_drift_s',
] as const satisfies ReadonlyArray<keyof AttendanceView>

/** Text is handed out in pieces of about this size: few writes, and little memory however large the export. */
const CHUNK_CHARACTERS = 64 * 1024

/**
 * The attendance logs that match, in the order in which they were stored, as a file in pieces: text, or the bytes of a workbook.
 *
 * @param counted called with the number of logs once all are out.
 */
export async function* exportLogs(
  store: Pick<Store, 'devices' | 'people' | 'logs'>,
  options: { format: ExportFormat; filter: LogFilter; counted: (logs: number) => void },
): AsyncGenerator<string | Uint8Array> {
  const { format, filter } = options
  let logs = 0
  const views = async function* () {
    const viewer = new AttendanceViewer(store)
    for await (const log of store.logs.scan(filter)) {
      logs++
      yield await viewer.view(log)
    }
  }
  yield* format === 'xlsx' ? exportXlsx(views()) : exportText(views(), format)
  options.counted(logs)
}

async function* exportText(
  views: AsyncIterable<AttendanceView>,
  format: Exclude<ExportFormat, 'xlsx'>,
): AsyncGenerator<string> {
  let chunk = format === 'csv' ? csvLine(CSV_COLUMNS) : ''
  for await (const view of views) {
    chunk += format === 'csv' ? csvLine(CSV_COLUMNS.map(column => view[column])) : `${JSON.stringify(view)}\n`
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** One line after RFC 4180: cells quoted where needed, and CR LF at its end. Null is an empty cell. */
export function csvLine(cells: ReadonlyArray<string | number | null>): string {
  return `${cells.map(cell => (typeof cell === 'string' ? csvCell(cell) : String(cell ?? ''))).join(',')}\r\n`
}

/**
 * A text that begins like a formula gets an apostrophe in front: names come from devices, and a spreadsheet that opens
 * the file would otherwise execute them.
 */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
