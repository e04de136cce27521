import { commandName } from '../codec/binary/commands.ts'
import { HEADER_BYTES } from '../codec/binary/packet.ts'
import { PacketDescriber } from '../codec/trace/describe-packet.ts'
import { maskedHex } from '../codec/trace/encode-trace.ts'
import type { ConnectionEvent, TraceHeader } from '../codec/trace/trace-events.ts'
import { type TraceEntry, traceEntries } from '../codec/trace/trace-packets.ts'
import { readTraceFile } from './trace-file.ts'

export type { ConnectionEvent, TraceHeader } from '../codec/trace/trace-events.ts'

/** What a trace holds, in its order. */
export type ShownEntry =
  | { readonly kind: 'connection'; readonly event: ConnectionEvent }
  | ({ readonly kind: 'packet' } & ShownPacket)
  | ({ readonly kind: 'raw' } & ShownBytes)

interface ShownBytes {
  readonly tMs: number
  readonly connection: number
  readonly direction: 'sent' | 'received'
  /** Header included. */
  readonly lengthBytes: number
  /** The data in hex, `**` for each masked byte. */
  readonly data: string
  readonly maskedBytes: number
}

interface ShownPacket extends ShownBytes {
  readonly command: number
  readonly name: string
  readonly sessionId: number
  readonly replyId: number
  readonly isSound: boolean
  /** What the data say, as far as it is known. */
  readonly details: ReadonlyArray<readonly [name: string, value: string | number]>
}

export interface ShownTrace {
  readonly header: TraceHeader
  readonly entries: Iterable<ShownEntry>
  /** Whether its last line was cut. */
  readonly isCut: boolean
}

/** Reads a trace and decodes it. @throws ConfigError `CONFIG_INVALID`; CodecError `TRACE_INVALID`. */
export async function showTrace(path: string): Promise<ShownTrace> {
  const { header, events, isCut } = await readTraceFile(path)
  return { header, isCut, entries: shownEntries(traceEntries(events)) }
}

function* shownEntries(entries: Iterable<TraceEntry>): Generator<ShownEntry> {
  const describers = new Map<number, PacketDescriber>()
  for (const entry of entries) {
    if (entry.kind === 'connection') {
      yield entry
    } else if (entry.kind === 'raw') {
      yield { kind: 'raw', ...shownBytes(entry, entry), lengthBytes: entry.bytes.length }
    } else {
      const describer = describers.get(entry.connection) ?? new PacketDescriber()
      describers.set(entry.connection, describer)
      yield shownPacket(entry, describer)
    }
  }
}

function shownPacket(entry: TraceEntry & { kind: 'packet' }, describer: PacketDescriber): ShownEntry {
  const { command, sessionId, replyId, data } = entry.packet
  return {
    kind: 'packet',
    ...shownBytes(entry, { bytes: data, marks: entry.marks }),
    lengthBytes: HEADER_BYTES + data.length,
    command,
    name: commandName(command),
    sessionId,
    replyId,
    isSound: entry.isSound,
    details: describer.describe(entry),
  }
}

function shownBytes(
  { tMs, connection, direction }: { tMs: number; connection: number; direction: 'sent' | 'received' },
  traced: { bytes: Uint8Array; marks: Uint8Array },
): Omit<ShownBytes, 'lengthBytes'> {
  const maskedBytes = traced.marks.reduce((sum, mark) => sum + mark, 0)
  return { tMs, connection, direction, data: maskedHex(traced), maskedBytes }
}
