/** What happened on one connection, at a moment of the recording. */
export type TraceEvent = ConnectionEvent | BytesEvent

interface Moment {
  readonly tMs: number
  /** Connections are numbered from 1. */
  readonly connection: number
}

export type ConnectionEvent = Moment &
  (
    | { readonly event: 'opening'; readonly host: string; readonly port: number; readonly transport: 'tcp' | 'udp' }
    | { readonly event: 'opened' }
    /** The connection could not be opened. */
    | { readonly event: 'failed'; readonly code: string | null }
    /** The device closed the connection (null), or it broke. */
    | { readonly event: 'ended'; readonly code: string | null }
    /** Rollcall closed it. */
    | { readonly event: 'closed' }
  )

export type BytesEvent = Moment & TracedBytes & { readonly event: 'sent' | 'received' }

/** One piece of a TCP stream as it was cut, or one datagram. */
export interface TracedBytes {
  /** Masked bytes are zero here. */
  readonly bytes: Uint8Array
  /** As long as `bytes`: 1 where a byte was masked. */
  readonly marks: Uint8Array
}

export interface TraceHeader {
  /** The version of Rollcall that recorded it. */
  readonly rollcall: string
  /** ISO 8601, UTC; the instant of `tMs` 0. */
  readonly startedAt: string
}

export interface Trace {
  readonly header: TraceHeader
  readonly events: readonly TraceEvent[]
  /** Whether the last line was cut, as by a crash, and left out. */
  readonly isCut: boolean
}

export const TRACE_FORMAT = 'rollcall-trace'
export const TRACE_VERSION = 1
