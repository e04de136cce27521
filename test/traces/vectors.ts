import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeTrace } from '../../src/codec/trace/decode-trace.ts'
import type { Trace } from '../../src/codec/trace/trace-events.ts'
import type { VirtualScene } from './scene.ts'

export const TRACE_FOLDER = join(import.meta.dirname, '../vectors/traces')

/** Traces that were recorded from virtual devices: what their replay must bring is known without them. */
export const VIRTUAL_TRACES: Readonly<Record<string, VirtualScene>> = {
  'virtual-40-tcp': { transport: 'tcp', layout: '40', records: 30, people: 12, commKey: 271_828 },
  'virtual-8a-udp': { transport: 'udp', layout: '8A', records: 30, people: 12, commKey: 0 },
}

export function traceNames(): string[] {
  return globSync('*.jsonl', { cwd: TRACE_FOLDER })
    .map(file => basename(file, '.jsonl'))
    .sort()
}

export function readTrace(name: string): Trace {
  return decodeTrace(readFileSync(join(TRACE_FOLDER, `${name}.jsonl`), 'utf8'))
}
