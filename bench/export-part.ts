import assert from 'node:assert/strict'
import { startChild } from './child.ts'
import type { ExportReport } from './export-process.ts'
import { openInstallation } from './installation.ts'
import { fillLargeTable } from './large-table.ts'
import { tableLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'
import { megabytes } from './resident.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** In turns, so that what else the machine does falls on both formats. */
const ROUNDS = 3
/** What the thread and its library may add to the peak of a CSV export of the same rows. */
const ABOVE_CSV_MB_MAX = 150
/** Of CPU time: how long the clock says depends on who else uses the cores. */
const STALL_CPU_MS_MAX = 50
/** What five times the rows may add to the peak. */
const GROWTH_MAX = 1.25

type Format = 'csv' | 'xlsx'

/** The same logs as CSV and as a workbook, each export in a process of its own that starts with it. */
export const exportPart: Part = {
  title: sizes =>
    `export: ${sizes.records} attendance logs out of SQLite, and ${sizes.recordsOfMemory}, as CSV and as a workbook`,
  run: (sizes: Sizes) =>
    inTemporaryFolder(async path => {
      const few = await rowsOf({ path: path('few.db'), logs: sizes.records, rounds: ROUNDS })
      const many = await rowsOf({ path: path('many.db'), logs: sizes.recordsOfMemory, rounds: 1 })
      const aboveMb = Math.max(...[few, many].map(({ csv, xlsx }) => megabytes(xlsx.peakKb - csv.peakKb)))
      const stallMs = Math.max(few.xlsx.stallCpuMs, many.xlsx.stallCpuMs)
      const growth = many.xlsx.peakKb / few.xlsx.peakKb
      const verdict = (isMet: boolean) => (isMet ? 'met' : 'MISSED')
      return [
        ...tableLines([
          ['', 'rows/s', 'of csv', 'CPU µs a row', 'bytes a row', 'peak MB', 'longest stall ms', 'its CPU ms'],
          ...lines(few),
          ...lines(many),
        ]),
        `  target: the peak at most ${ABOVE_CSV_MB_MAX} MB above that of csv: ${aboveMb.toFixed(0)} MB, ${verdict(aboveMb <= ABOVE_CSV_MB_MAX)}`,
        `  target: the peak of many rows at most ${GROWTH_MAX} x that of few: ${growth.toFixed(2)} x, ${verdict(growth <= GROWTH_MAX)}`,
        `  target: no stall of more than ${STALL_CPU_MS_MAX} ms of CPU: ${verdict(stallMs <= STALL_CPU_MS_MAX)}`,
      ]
    }),
}

/** By format, the round of the median; its peak and its stall are the worst of all rounds. */
async function rowsOf(request: { path: string; logs: number; rounds: number }): Promise<Record<Format, ExportReport>> {
  const { path, logs, rounds } = request
  {
    await using _installation = await openInstallation({ path, ports: [4370] })
    await fillLargeTable({ engine: 'sqlite', path }, { logs, devices: 1 })
  }
  const reports: Record<Format, ExportReport[]> = { csv: [], xlsx: [] }
  for (let round = 0; round < rounds; round++) {
    for (const format of ['csv', 'xlsx'] as const) {
      await using child = startChild('export-process.ts', [path, format])
      const report = await child.told<ExportReport>()
      assert.equal(report.logs, logs)
      reports[format].push(report)
    }
  }
  return { csv: middle(reports.csv), xlsx: middle(reports.xlsx) }
}

function middle(reports: readonly ExportReport[]): ExportReport {
  const median = reports.toSorted((a, b) => a.wallMs - b.wallMs)[reports.length >> 1]
  assert(median)
  return {
    ...median,
    peakKb: Math.max(...reports.map(({ peakKb }) => peakKb)),
    stallMs: Math.max(...reports.map(({ stallMs }) => stallMs)),
    stallCpuMs: Math.max(...reports.map(({ stallCpuMs }) => stallCpuMs)),
  }
}

function lines(reports: Record<Format, ExportReport>): string[][] {
  const rate = ({ logs, wallMs }: ExportReport) => logs / (wallMs / 1000)
  return (['csv', 'xlsx'] as const).map(format => {
    const report = reports[format]
    const { logs, bytes, cpuMs, peakKb, stallMs, stallCpuMs } = report
    return [
      `${format}, ${logs} logs`,
      rate(report).toFixed(0),
      `${(rate(report) / rate(reports.csv)).toFixed(2)} x`,
      ((cpuMs * 1000) / logs).toFixed(1),
      (bytes / logs).toFixed(0),
      megabytes(peakKb).toFixed(0),
      stallMs.toFixed(0),
      stallCpuMs.toFixed(0),
    ]
  })
}
