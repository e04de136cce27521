import { copyFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { syncReplayed, syncVirtual } from './scene.ts'
import { readTrace, TRACE_FOLDER, VIRTUAL_TRACES } from './vectors.ts'

/**
 * `npm run adopt-trace -- FILE`: makes a trace a regression test. Copies it to test/vectors/traces, syncs the device that it
 * holds, and writes what came of it beside it, to be looked at before it is committed. `--virtual` records anew those of
 * virtual devices.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { virtual: { type: 'boolean' } } })

const names: string[] = []
for (const file of positionals) {
  const name = basename(file, '.jsonl')
  copyFileSync(file, join(TRACE_FOLDER, `${name}.jsonl`))
  names.push(name)
}
for (const [name, scene] of Object.entries(values.virtual ? VIRTUAL_TRACES : {})) {
  const { trace } = await syncVirtual(scene)
  writeFileSync(join(TRACE_FOLDER, `${name}.jsonl`), trace)
  names.push(name)
}
if (names.length === 0) console.error('Give the file of a trace: npm run adopt-trace -- gate.jsonl')
for (const name of names) {
  const outcome = await syncReplayed(readTrace(name))
  const path = join(TRACE_FOLDER, `${name}.rows.json`)
  writeFileSync(path, `${JSON.stringify(outcome, null, 1)}\n`)
  const { error_code, attendance_logs, quarantined_records } = outcome
  const told = error_code ?? `${attendance_logs.length} attendance logs, ${quarantined_records.length} in quarantine`
  console.log(`${path}: ${told}`)
}
