import type { MemoryReport } from './memory-part.ts'
import { peakKb } from './resident.ts'

/**
 * The process of the memory part, started as a person would start it, without a flag: loads everything, then syncs the log of
 * the device at a port into a file, or does nothing with `idle`. Tells its own peak.
 */
const [mode = 'idle', port = '0', path = ''] = process.argv.slice(2)

const { openInstallation } = await import('./installation.ts')
let inserted = 0
if (mode === 'sync') {
  await using installation = await openInstallation({ path, ports: [Number(port)] })
  const summary = await installation.engine.syncOnce({}, new AbortController().signal)
  inserted = summary.inserted
}
const report: MemoryReport = { inserted, peakKb: peakKb() }
process.send?.(report, () => process.disconnect?.())
