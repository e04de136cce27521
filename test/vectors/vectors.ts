import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export const TOPICS = [
  'attendance',
  'bulk',
  'checksum',
  'comm-key',
  'device',
  'framing',
  'options',
  'realtime',
  'session',
  'sizes',
  'time',
  'users',
] as const
export type Topic = (typeof TOPICS)[number]

/** What a vector proves: see README.md. */
export type VectorKind = 'captured' | 'altered' | 'derived' | 'fragment' | 'client' | 'computed' | 'synthetic'

/** Some bytes, or a value, with its origin. */
export interface Vector {
  readonly id: string
  readonly kind: VectorKind
  /** Where recorded bytes were published. */
  readonly provenance?: 'issue-thread' | 'client-test' | 'protocol-notes' | 'unlinked'
  readonly source: string
  readonly device?: string
  readonly derivedFrom?: string
  /** `tcp` bytes have the prefix of a frame, `udp` ones are a bare packet, `bytes` are data alone. */
  readonly transport?: 'tcp' | 'udp' | 'bytes'
  readonly from?: 'client' | 'device'
  /** The header of the packet that `bytes` hold. Absent for what is no whole packet. */
  readonly header?: {
    readonly command: number
    readonly sessionId: number
    readonly replyId: number
    readonly dataBytes: number
  }
  /** In hexadecimal. */
  readonly bytes?: string
  /** What a socket delivers, the packets that must come of it, and the error code that must. */
  readonly reads?: readonly string[]
  readonly yields?: readonly string[]
  readonly fault?: string
  /** Sizes of the reads in which the bytes came. */
  readonly readSizes?: readonly number[]
  /** What does not verify in bytes that somebody altered. */
  readonly wrong?: ReadonlyArray<'length' | 'checksum'>
  /** A whole frame that carries the value. */
  readonly packet?: string
  /** What the bytes mean, by topic; tests know the form of what they read. */
  readonly values?: unknown
  readonly note?: string
}

/** One step of a conversation. */
export interface ExchangeStep {
  readonly id: string
  readonly direction: 'client-to-device' | 'device-to-client'
  readonly transport: 'tcp' | 'udp'
  /** As on the wire: over TCP with the prefix of the frame. */
  readonly bytes: Uint8Array
}

/** A conversation in wire order. */
export interface Exchange {
  readonly id: string
  readonly origin: 'recorded' | 'assembled' | 'synthetic'
  /** Every answer belongs to a request among the earlier steps. */
  readonly replayable: boolean
  readonly source: string
  readonly steps: readonly string[]
  readonly note?: string
}

interface TopicFile {
  readonly topic: Topic
  readonly about: string
  readonly vectors: readonly Vector[]
  readonly exchanges: readonly Exchange[]
}

/** The vectors of one topic, or of all. */
export function vectors(topic?: Topic): readonly Vector[] {
  return topic ? read(topic).vectors : TOPICS.flatMap(each => read(each).vectors)
}

/** The vector with that id, whichever its topic. */
export function vector(id: string): Vector {
  const found = vectors().find(each => each.id === id)
  assert(found, `no vector ${id}`)
  return found
}

/** The bytes of a vector. */
export function bytesOf(id: string): Uint8Array {
  const { bytes } = vector(id)
  assert(bytes !== undefined, `vector ${id} has no bytes`)
  return fromHex(bytes)
}

/** Every exchange of every topic. */
export function exchanges(): readonly Exchange[] {
  return TOPICS.flatMap(topic => read(topic).exchanges)
}

/** The steps of one exchange, in wire order. */
export function exchange(id: string): ExchangeStep[] {
  const found = exchanges().find(each => each.id === id)
  assert(found, `no exchange ${id}`)
  return found.steps.map(step => {
    const { transport, from } = vector(step)
    assert(transport === 'tcp' || transport === 'udp', `step ${step} is no packet`)
    const direction = from === 'client' ? 'client-to-device' : 'device-to-client'
    return { id: step, direction, transport, bytes: bytesOf(step) }
  })
}

export function fromHex(hex: string): Uint8Array {
  assert(hex.length % 2 === 0 && /^[0-9a-f]*$/.test(hex), `not hexadecimal: ${hex.slice(0, 40)}`)
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function read(topic: Topic): TopicFile {
  return JSON.parse(readFileSync(new URL(`${topic}.json`, import.meta.url), 'utf8')) as TopicFile
}
