import { decodeBufferReady, decodePrepareData, decodeReadBuffer } from '../binary/bulk.ts'
import { checksumHolds, packetChecksum } from '../binary/checksum.ts'
import { Command, EventFlag, Reply } from '../binary/commands.ts'
import { decodeFreeSizes } from '../binary/free-sizes.ts'
import { writeU16 } from '../binary/integers.ts'
import { HEADER_BYTES, type Packet, readPacket } from '../binary/packet.ts'
import { ListPosition } from './list-position.ts'
import { answersWithList, bufferKind, requestKind } from './request-kinds.ts'
import type { TracedBytes } from './trace-events.ts'
import { maskBytes, maskUsers, possibleUserLayouts } from './user-mask.ts'

/** Answers to older requests than so many are answers to nobody. */
const REQUESTS_MAX = 64
/** Announcements and acknowledgements are shorter; what is longer may be a part of a list. */
const SMALL_REPLY_BYTES = 16

/** Offset and length. */
const SLICE_REQUEST_BYTES = 8

/** What the device buffered, and how long it is as far as it has told. */
interface DeviceBuffer {
  readonly kind: 'harmless' | 'users' | 'secret'
  total: number | null
}

/** What may be recorded of the answer to a request. */
type Answer =
  | { readonly kind: 'harmless' | 'secret'; readonly command: number }
  | { readonly kind: 'prepare'; readonly buffer: DeviceBuffer }
  | { readonly kind: 'users'; readonly list: { total: number | null }; readonly position: ListPosition | null }

/**
 * Masks the packets of one connection before they are recorded: comm keys, and of users their passwords, names and card numbers.
 * Slots, privileges and user ids stay, since records of 8 bytes need them. What is not known to be harmless is masked whole,
 * and so is a part of a list of users whose place in the list cannot be told. Checksums are written anew: right where they
 * were right, wrong where they were wrong.
 */
export class ConversationMask {
  readonly #transport: 'tcp' | 'udp'
  readonly #answers = new Map<number, Answer>()
  #sessionId = 0
  #userCount: number | null = null
  #buffer: DeviceBuffer | null = null
  #mayHoldSecrets = false

  constructor(transport: 'tcp' | 'udp') {
    this.#transport = transport
  }

  /** Whether anything that comes from now on, even what is no packet, may hold what must not be recorded. */
  get mayHoldSecrets(): boolean {
    return this.#mayHoldSecrets
  }

  /** Masks a packet to the device, in place. */
  sent(payload: TracedBytes): void {
    this.#rewrite(payload, (packet, isSound) => {
      if (!isSound) return 'all'
      // An acknowledgement of an event: it has the reply id of the event, and asks for nothing.
      if (packet.command === Reply.Ok) return packet.data.length > 0 ? 'all' : 'none'
      this.#sessionId = packet.sessionId
      const kind = requestKind(packet)
      this.#expect(packet, this.#answerTo(packet))
      if (kind !== 'harmless') this.#mayHoldSecrets = true
      return kind === 'secret' ? 'all' : 'none'
    })
  }

  /** Masks a packet of the device, in place. */
  received(payload: TracedBytes): void {
    this.#rewrite(payload, (packet, isSound, data) => {
      if (!isSound) return this.#mayHoldSecrets ? 'all' : 'none'
      if (packet.command === Command.RegisterEvents) {
        return packet.sessionId === EventFlag.Attendance ? 'none' : 'all'
      }
      const answer = this.#answers.get(packet.replyId)
      if (!answer) return 'all'
      switch (answer.kind) {
        case 'secret':
          return 'all'
        case 'harmless':
          if (answer.command === Command.Connect) this.#sessionId = packet.sessionId
          if (answer.command === Command.GetFreeSizes) this.#noteUserCount(packet)
          // Some devices answer a small question with what is left of the list before (docs/protocol/quirks.md).
          return packet.command === Command.Data && !answersWithList(answer.command) ? 'all' : 'none'
        case 'prepare':
          return this.#maskPrepared(packet, answer.buffer, data)
        case 'users':
          return this.#maskListPacket(packet, answer, data)
        default:
          return answer satisfies never
      }
    })
  }

  /** Runs `judge` on a packet, masks its data where it says so, and mends the checksum. */
  #rewrite(payload: TracedBytes, judge: (packet: Packet, isSound: boolean, data: TracedBytes) => 'none' | 'all'): void {
    const { bytes, marks } = payload
    const isSound = checksumHolds(bytes)
    const data = { bytes: bytes.subarray(HEADER_BYTES), marks: marks.subarray(HEADER_BYTES) }
    if (judge(readPacket(bytes), isSound, data) === 'all') maskBytes(data, 0, data.bytes.length)
    if (data.marks.includes(1)) writeU16(bytes, 2, packetChecksum(bytes) ^ (isSound ? 0 : 1))
  }

  #expect({ replyId }: Packet, answer: Answer): void {
    this.#answers.delete(replyId)
    this.#answers.set(replyId, answer)
    if (this.#answers.size <= REQUESTS_MAX) return
    const [oldest] = this.#answers.keys()
    if (oldest !== undefined) this.#answers.delete(oldest)
  }

  #answerTo(request: Packet): Answer {
    const { command } = request
    const kind = requestKind(request)
    switch (kind) {
      case 'harmless':
        return { kind, command }
      case 'secret':
      case 'secret-answer':
        return { kind: 'secret', command }
      case 'users':
        return { kind, list: { total: null }, position: null }
      case 'prepare':
        this.#buffer = { kind: bufferKind(request.data), total: null }
        return { kind, buffer: this.#buffer }
      case 'slice':
        return this.#sliceAnswer(request)
      default:
        return kind satisfies never
    }
  }

  #sliceAnswer({ command, data }: Packet): Answer {
    const buffer = this.#buffer
    if (buffer?.kind === 'harmless') return { kind: 'harmless', command }
    if (buffer?.kind !== 'users' || data.length !== SLICE_REQUEST_BYTES) return { kind: 'secret', command }
    return { kind: 'users', list: buffer, position: new ListPosition(decodeReadBuffer(data), this.#transport) }
  }

  #noteUserCount({ data }: Packet): void {
    try {
      this.#userCount = decodeFreeSizes(data).users
    } catch {
      this.#userCount = null
    }
  }

  #maskPrepared(packet: Packet, buffer: DeviceBuffer, data: TracedBytes): 'none' | 'all' {
    if (packet.command === Reply.Ok && packet.data.length >= 5) buffer.total = decodeBufferReady(packet.data).size
    if (packet.command === Command.PrepareData && packet.data.length >= 4) {
      buffer.total = decodePrepareData(packet.data).size
    }
    if (packet.command !== Command.Data) return packet.data.length > SMALL_REPLY_BYTES ? 'all' : 'none'
    if (buffer.kind === 'users') return this.#maskList(data, { position: 0, total: packet.data.length })
    return buffer.kind === 'harmless' ? 'none' : 'all'
  }

  #maskListPacket(packet: Packet, answer: Answer & { kind: 'users' }, data: TracedBytes): 'none' | 'all' {
    const { list } = answer
    if (packet.command === Command.PrepareData && packet.data.length >= 4) {
      // Asked for directly, the list is as long as the announcement says; a slice is as long as was asked for.
      if (answer.position === null) this.#expectList(packet)
      else answer.position.announced(packet)
    }
    if (packet.command !== Command.Data) return packet.data.length > SMALL_REPLY_BYTES ? 'all' : 'none'
    if (answer.position === null) return this.#maskList(data, { position: 0, total: packet.data.length })
    return this.#maskList(data, { position: answer.position.of(packet, this.#sessionId), total: list.total })
  }

  #expectList(announcement: Packet): void {
    const total = decodePrepareData(announcement.data).size
    const position = new ListPosition({ offset: 0, length: total }, this.#transport)
    position.announced(announcement)
    this.#expect(announcement, { kind: 'users', list: { total }, position })
  }

  #maskList(data: TracedBytes, place: { position: number | null; total: number | null }): 'none' | 'all' {
    const { position, total } = place
    if (position === null || total === null) return 'all'
    const layouts = possibleUserLayouts({ total, userCount: this.#userCount })
    if (layouts.length === 0) return 'all'
    maskUsers(data, { position, layouts })
    return 'none'
  }
}
