import { Command, Reply } from '../../codec/binary/commands.ts'
import type { Packet } from '../../codec/binary/packet.ts'
import type { Trace } from '../../codec/trace/trace-events.ts'
import { type TraceEntry, traceEntries } from '../../codec/trace/trace-packets.ts'
import type { Transports } from '../settings.ts'
import { RecordedBuffer } from './recorded-buffer.ts'

/** What came after a request, before the next one. */
export type RecordedAnswer =
  | {
      readonly packet: Packet
      /** How far its reply id lies from that of the request; null for an event, which has a number of its own. */
      readonly replyIdOffset: number | null
    }
  /** The connection ended, or what came was no packet. */
  | { readonly end: true }

/** A request and what followed it. */
export interface RecordedExchange {
  readonly request: Packet
  /** Whether bytes of the request were masked, so that its data can be compared with nothing. */
  readonly isMasked: boolean
  readonly answers: readonly RecordedAnswer[]
  /** What the device had buffered by then; null before it was asked to. */
  readonly buffer: RecordedBuffer | null
}

export interface Recording {
  /** Of all connections, one connection behind the other. */
  readonly exchanges: readonly RecordedExchange[]
  /** What the device was spoken to over; null where no connection was ever opened. */
  readonly transports: Transports | null
}

/** Cuts a trace into its exchanges. A request that was repeated under one reply id is one exchange. */
export function recordedExchanges(trace: Trace): Recording {
  const connections = new Map<number, ConnectionExchanges>()
  const opening = new Map<number, 'tcp' | 'udp'>()
  const opened = new Set<'tcp' | 'udp'>()
  for (const entry of traceEntries(trace.events)) {
    const number = entry.kind === 'connection' ? entry.event.connection : entry.connection
    const connection = connections.get(number) ?? new ConnectionExchanges()
    connections.set(number, connection)
    connection.add(entry)
    if (entry.kind !== 'connection') continue
    const { event } = entry
    const transport = opening.get(number)
    if (event.event === 'opening') opening.set(number, event.transport)
    if (event.event === 'opened' && transport) opened.add(transport)
  }
  const [first] = opened
  return {
    exchanges: [...connections.values()].flatMap(connection => connection.finished()),
    transports: opened.size > 1 ? 'both' : (first ?? null),
  }
}

class ConnectionExchanges {
  readonly #exchanges: Array<RecordedExchange & { answers: RecordedAnswer[] }> = []
  #buffer: RecordedBuffer | null = null

  finished(): RecordedExchange[] {
    for (const { request, answers, buffer } of this.#exchanges) {
      const packets = answers.flatMap(answer => ('packet' in answer ? [answer.packet] : []))
      if (request.command === Command.ReadBuffer) buffer?.add(request, packets)
    }
    return this.#exchanges
  }

  add(entry: TraceEntry): void {
    const current = this.#exchanges.at(-1)
    if (entry.kind === 'packet' && entry.direction === 'sent') this.#request(entry)
    else if (entry.kind === 'packet') current?.answers.push(...this.#answer(entry, current.request))
    else if (endsConnection(entry)) current?.answers.push({ end: true })
  }

  #request({ packet, isSound, marks }: TraceEntry & { kind: 'packet' }): void {
    const isEventAcknowledgement = packet.command === Reply.Ok
    if (!isSound || isEventAcknowledgement) return
    const last = this.#exchanges.at(-1)?.request
    if (last?.command === packet.command && last.replyId === packet.replyId) return
    if (packet.command === Command.PrepareBuffer) this.#buffer = new RecordedBuffer()
    this.#exchanges.push({ request: packet, isMasked: marks.includes(1), answers: [], buffer: this.#buffer })
  }

  /** Nobody takes in a packet whose checksum is wrong. */
  #answer({ packet, isSound }: TraceEntry & { kind: 'packet' }, request: Packet): RecordedAnswer[] {
    if (!isSound) return []
    const isEvent = packet.command === Command.RegisterEvents
    return [{ packet, replyIdOffset: isEvent ? null : packet.replyId - request.replyId }]
  }
}

function endsConnection(entry: TraceEntry): boolean {
  return entry.kind === 'raw'
    ? entry.direction === 'received'
    : entry.kind === 'connection' && entry.event.event === 'ended'
}
