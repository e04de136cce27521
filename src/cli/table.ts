import { printable } from './terminal.ts'

/** Lays out rows under their headings. The last column is not padded, and cut where the terminal ends. */
export function tableLines(
  headings: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  options: { columns: number },
): string[] {
  const lines = [headings, ...rows.map(row => row.map(printable))]
  const widths = headings.map((_, column) => Math.max(...lines.map(line => (line[column] ?? '').length)))
  return lines.map(line => {
    const cells = line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
    return cells.join('  ').trimEnd().slice(0, options.columns)
  })
}

/** Lays out names and values, two columns without a heading. */
export function fieldLines(fields: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(...fields.map(([name]) => name.length))
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`.trimEnd())
}
