/** Every list of records is preceded by its length in bytes. */
export const LENGTH_WORD_BYTES = 4

/**
 * The bytes that one read brings, as they stood when it was prepared: the length word and the records behind it, or
 * the records alone. Holds views, so that a read of half a million records copies nothing before the packets are made.
 */
export class Content {
  readonly size: number
  readonly #head: Uint8Array
  readonly #body: Uint8Array

  constructor(head: Uint8Array, body: Uint8Array) {
    this.#head = head
    this.#body = body
    this.size = head.length + body.length
  }

  static withLengthWord(records: Uint8Array): Content {
    const head = new Uint8Array(LENGTH_WORD_BYTES)
    new DataView(head.buffer).setUint32(0, records.length, true)
    return new Content(head, records)
  }

  static ofRecords(records: Uint8Array): Content {
    return new Content(new Uint8Array(0), records)
  }

  /** A view, unless the slice begins inside the length word. Ends with the content where that is shorter. */
  slice(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size)
    const headBytes = this.#head.length
    if (offset >= headBytes)
      return this.#body.subarray(offset - headBytes, Math.max(end - headBytes, offset - headBytes))
    const slice = new Uint8Array(Math.max(end - offset, 0))
    slice.set(this.#head.subarray(offset, Math.min(end, headBytes)))
    if (end > headBytes) slice.set(this.#body.subarray(0, end - headBytes), headBytes - offset)
    return slice
  }
}
