import {
  decodeAttendanceRecord,
  type LayoutName,
  newAttendanceRecord,
  recordBytes,
} from '../codec/binary/attendance-record.ts'
import { PackedTimeFormatter } from '../codec/binary/packed-time.ts'
import type { FaultyReason, RecordDraft, VirtualPunch } from './record-draft.ts'
import type { WhenFull } from './settings.ts'

/** Room for this many records at first; it doubles, so that half a million records are copied a few times only. */
const FIRST_RECORDS = 256

/** "Cyclic delete" frees this part of the log at once, as an administrator would set it. */
const DELETED_PART = 0.1

/** Where layouts of 40 bytes and more keep their reserved word; firmware in loop mode numbers its records there. */
const RESERVED_OFFSET = 36

/**
 * The attendance log in the memory of a device: the bytes of its records, one behind the other, and beside them what
 * the bytes alone do not say. Bytes that a read has been given are never changed, so that a read can hold a view.
 */
export class AttendanceMemory {
  readonly layout: LayoutName
  readonly recordBytes: number
  readonly capacity: number
  readonly #whenFull: WhenFull
  #bytes: Uint8Array
  #count = 0
  /** The oldest record in loop mode, where the file is a circle. */
  #oldest = 0
  #everStored = 0
  #userIds: string[] = []
  #faulty = new Map<number, FaultyReason>()
  #bytesAreShared = false
  readonly #departed: VirtualPunch[] = []
  readonly #formatter = new PackedTimeFormatter()

  constructor(options: { layout: LayoutName; capacity: number; whenFull: WhenFull }) {
    this.layout = options.layout
    this.recordBytes = recordBytes(options.layout)
    this.capacity = options.capacity
    this.#whenFull = options.whenFull
    this.#bytes = new Uint8Array(this.recordBytes * Math.min(FIRST_RECORDS, options.capacity))
  }

  get count(): number {
    return this.#count
  }

  /** Whether the next record would find no room and be refused. */
  get isFull(): boolean {
    return this.#count >= this.capacity && this.#whenFull === 'refuse'
  }

  /** Gives the place of the new record, or `null` when the log is full and refuses more. */
  append(draft: RecordDraft): number | null {
    if (this.isFull) return null
    const bytes = newAttendanceRecord({ layout: this.layout, ...draft }).raw
    draft.scribble?.(bytes)
    const index = this.#makeRoom(bytes)
    this.#bytes.set(bytes, index * this.recordBytes)
    this.#userIds[index] = draft.userId
    if (draft.faulty === null) this.#faulty.delete(index)
    else this.#faulty.set(index, draft.faulty)
    this.#everStored++
    return index
  }

  /** All records as they stand in memory, from record `first` on. Stays as it is while the log changes. */
  snapshot(first: number): Uint8Array {
    this.#bytesAreShared = true
    return this.#bytes.subarray(Math.min(first, this.#count) * this.recordBytes, this.#count * this.recordBytes)
  }

  /** Records stored since the device was made, those included that are gone. */
  get everStored(): number {
    return this.#everStored
  }

  /** Copies the records whose time lies between two packed times, both included. */
  between(from: number, until: number): Uint8Array {
    const found: Uint8Array[] = []
    for (let index = 0; index < this.#count; index++) {
      const bytes = this.#bytes.subarray(index * this.recordBytes, (index + 1) * this.recordBytes)
      const { packedTime } = decodeAttendanceRecord(bytes, this.layout)
      if (packedTime >= from && packedTime <= until) found.push(bytes)
    }
    return Buffer.concat(found)
  }

  clear(): void {
    for (let index = 0; index < this.#count; index++) this.#departed.push(this.punchAt(index))
    this.#bytes = new Uint8Array(this.recordBytes * Math.min(FIRST_RECORDS, this.capacity))
    this.#bytesAreShared = false
    this.#count = 0
    this.#oldest = 0
    this.#userIds = []
    this.#faulty = new Map()
  }

  /** What stands in the log, in the order of its bytes. */
  punches(): VirtualPunch[] {
    return Array.from({ length: this.#count }, (_, index) => this.punchAt(index))
  }

  /** What stood in the log once and was cleared, deleted or overwritten. */
  get departed(): readonly VirtualPunch[] {
    return this.#departed
  }

  /** The last record in the order of the bytes. */
  get last(): VirtualPunch | null {
    return this.#count === 0 ? null : this.punchAt(this.#count - 1)
  }

  punchAt(index: number): VirtualPunch {
    const bytes = this.#bytes.subarray(index * this.recordBytes, (index + 1) * this.recordBytes)
    const record = decodeAttendanceRecord(bytes, this.layout)
    return {
      userId: this.#userIds[index] ?? '',
      localTime: this.#formatter.text(record.packedTime),
      punchState: record.punchState,
      verifyMode: record.verifyMode,
      workCode: record.workCode,
      uid: record.uid,
      faulty: this.#faulty.get(index) ?? null,
    }
  }

  /** Finds the place of the next record, and frees it where the log is full. */
  #makeRoom(bytes: Uint8Array): number {
    if (this.#count >= this.capacity && this.#whenFull === 'delete-oldest') this.#deleteOldest()
    if (this.#count >= this.capacity) return this.#overwriteOldest(bytes)
    if (this.#whenFull === 'loop') this.#number(bytes)
    if ((this.#count + 1) * this.recordBytes > this.#bytes.length) this.#grow()
    return this.#count++
  }

  #overwriteOldest(bytes: Uint8Array): number {
    const index = this.#oldest
    this.#departed.push(this.punchAt(index))
    if (this.#bytesAreShared) this.#bytes = this.#bytes.slice()
    this.#bytesAreShared = false
    this.#oldest = (this.#oldest + 1) % this.capacity
    this.#number(bytes)
    return index
  }

  #number(bytes: Uint8Array): void {
    if (bytes.length < RESERVED_OFFSET + 4) return
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(RESERVED_OFFSET, this.#everStored, true)
  }

  #deleteOldest(): void {
    const deleted = Math.max(1, Math.floor(this.capacity * DELETED_PART))
    for (let index = 0; index < deleted; index++) this.#departed.push(this.punchAt(index))
    const kept = new Uint8Array(this.#bytes.length)
    kept.set(this.#bytes.subarray(deleted * this.recordBytes, this.#count * this.recordBytes))
    this.#bytes = kept
    this.#bytesAreShared = false
    this.#userIds.splice(0, deleted)
    this.#count -= deleted
    this.#faulty = new Map(
      [...this.#faulty].filter(([index]) => index >= deleted).map(([index, reason]) => [index - deleted, reason]),
    )
  }

  #grow(): void {
    const records = Math.min(this.capacity, (this.#bytes.length / this.recordBytes) * 2)
    const grown = new Uint8Array(records * this.recordBytes)
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#bytesAreShared = false
  }
}
