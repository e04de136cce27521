import type { AttendanceView } from '../attendance-view.ts'

/** What crosses into the thread that writes: plain values, which are cheap to copy. */
export type Cell = string | number | null

/**
 * `local` is a time without a zone and `instant` one in UTC. Both become the serial number of what they say, and never pass
 * through the zone of this machine, since a cell of a spreadsheet has no zone.
 */
type Kind = 'number' | 'text' | 'local' | 'instant'

interface Column {
  readonly key: keyof AttendanceView
  readonly kind: Kind
  /** In characters of the sheet's font. */
  readonly width: number
  /** The heading, where it is not the key. */
  readonly heading?: string
}

/** The columns of a sheet; those of a CSV export, in its order. */
export const XLSX_COLUMNS = [
  { key: 'id', kind: 'number', width: 10 },
  { key: 'device_id', kind: 'number', width: 11 },
  { key: 'device', kind: 'text', width: 22 },
  { key: 'device_user_id', kind: 'text', width: 16 },
  { key: 'name', kind: 'text', width: 26 },
  { key: 'local_time', kind: 'local', width: 20 },
  { key: 'punched_at', kind: 'instant', width: 20, heading: 'punched_at (UTC)' },
  { key: 'time_note', kind: 'text', width: 11 },
  { key: 'punch_state', kind: 'number', width: 13 },
  { key: 'punch_state_word', kind: 'text', width: 18 },
  { key: 'verify_mode', kind: 'number', width: 13 },
  { key: 'verify_mode_word', kind: 'text', width: 18 },
  { key: 'work_code', kind: 'number', width: 11 },
  { key: 'source', kind: 'text', width: 9 },
  { key: 'record_layout', kind: 'text', width: 14 },
  { key: 'clock_drift_s', kind: 'number', width: 14 },
] as const satisfies readonly Column[]

/** The number formats of the cells below the heading; `@` keeps a text a text when somebody edits it. */
export const NUMBER_FORMATS: Readonly<Record<Kind, string | null>> = {
  number: null,
  text: '@',
  local: 'yyyy-mm-dd hh:mm:ss',
  instant: 'yyyy-mm-dd hh:mm:ss',
}

/** A cell as it stands in the sheet. */
export function sheetCell(kind: Kind, cell: Cell): Cell {
  if (typeof cell !== 'string') return cell
  switch (kind) {
    case 'number':
    case 'text':
      return cellText(cell)
    case 'local':
    case 'instant':
      return serialFrom(cell) ?? cellText(cell)
    default:
      return kind satisfies never
  }
}

/** 1 January 1970 in days, as spreadsheets count them. */
const EPOCH_SERIAL = 25_569
/** 1 March 1900. Before it, spreadsheets differ by a day, since some know a 29 February 1900. */
const SERIAL_MIN = 61
const DAY_MS = 86_400_000

/** `YYYY-MM-DD HH:MM:SS`, or an instant after ISO 8601 in UTC, as days and their parts; null where it is no date of a sheet. */
function serialFrom(text: string): number | null {
  const iso = `${text.slice(0, 10)}T${text.slice(11, 19)}`
  const date = new Date(text.endsWith('Z') ? text : `${iso}Z`)
  // A 30 February would be counted on into March.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== iso) return null
  const serial = EPOCH_SERIAL + date.getTime() / DAY_MS
  return serial >= SERIAL_MIN ? serial : null
}

/** What a cell holds at most; programs refuse a file with a longer one. */
const TEXT_CHARACTERS_MAX = 32_767

/**
 * A text that XML can hold and a spreadsheet shows as it is. Control characters but tab and line feed go, and so do the code points that XML
 * has no place for. What looks like the escape `_x0041_` is escaped itself, since it would be shown as an A.
 */
function cellText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g, '')
      .slice(0, TEXT_CHARACTERS_MAX)
      // Half a character, cut here or before, becomes the sign for what cannot be shown.
      .toWellFormed()
      .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
  )
}
