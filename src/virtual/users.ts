import { encodeUserRecord, newUserRecord } from '../codec/binary/user-record.ts'

export interface VirtualUser {
  readonly uid: number
  readonly userId: string
  readonly name: string
  /** As on the wire: 0 user, 2 enroller, 6 manager, 14 super-admin; bit 0 set: disabled. */
  readonly privilege: number
}

export interface NewUser {
  readonly userId: string
  readonly name: string
  /** The lowest free slot, where it is not said. */
  readonly uid?: number | undefined
  readonly privilege?: number | undefined
  /** Empty where it is not said. */
  readonly password?: string | undefined
  /** The number of a card; 0, none, where it is not said. */
  readonly card?: number | undefined
}

const UID_MAX = 65_534

/** The width of the name field. */
const NAME_BYTES = { 28: 8, 72: 24 } as const

/** The people a device knows, by slot. Slots are reused, lowest first, as devices do. */
export class UserTable {
  readonly #layout: 28 | 72
  readonly #idsAreNumbers: boolean
  readonly #bySlot = new Map<number, VirtualUser>()
  readonly #slotById = new Map<string, number>()
  /** Apart from the rest: who asks the table for its people is not to be told. */
  readonly #private = new Map<number, { password: string; card: number }>()

  constructor(options: { layout: 28 | 72; idsAreNumbers: boolean }) {
    this.#layout = options.layout
    this.#idsAreNumbers = options.idsAreNumbers
  }

  get count(): number {
    return this.#bySlot.size
  }

  get administrators(): number {
    return this.list().filter(user => user.privilege > 1).length
  }

  /** In the order of their slots. */
  list(): VirtualUser[] {
    return [...this.#bySlot.values()].sort((one, other) => one.uid - other.uid)
  }

  at(uid: number): VirtualUser | undefined {
    return this.#bySlot.get(uid)
  }

  byUserId(userId: string): VirtualUser | undefined {
    const uid = this.#slotById.get(this.asStored(userId))
    return uid === undefined ? undefined : this.#bySlot.get(uid)
  }

  /** Adds somebody, or replaces whoever has the slot. */
  put(input: NewUser): VirtualUser {
    const userId = this.asStored(input.userId)
    const uid = input.uid ?? this.#slotById.get(userId) ?? this.#freeSlot()
    if (!Number.isInteger(uid) || uid < 1 || uid > UID_MAX) throw new RangeError(`no slot ${uid} in a device`)
    this.remove(uid)
    const former = this.#slotById.get(userId)
    if (former !== undefined) this.remove(former)
    const name = cutToWidth(input.name, NAME_BYTES[this.#layout])
    const user = { uid, userId, name, privilege: input.privilege ?? 0 }
    this.#bySlot.set(uid, user)
    this.#private.set(uid, { password: input.password ?? '', card: input.card ?? 0 })
    this.#slotById.set(userId, uid)
    return user
  }

  remove(uid: number): boolean {
    const user = this.#bySlot.get(uid)
    if (user === undefined) return false
    this.#slotById.delete(user.userId)
    this.#private.delete(uid)
    return this.#bySlot.delete(uid)
  }

  clear(): void {
    this.#bySlot.clear()
    this.#slotById.clear()
    this.#private.clear()
  }

  /** The user id as the device can hold it: firmware whose records carry numbers loses leading zeros. */
  asStored(userId: string): string {
    if (!this.#idsAreNumbers) return userId
    if (!/^\d+$/.test(userId) || Number(userId) > 0xffff_ffff)
      throw new RangeError(`this device holds user ids as 32-bit numbers, not "${userId}"`)
    return String(Number(userId))
  }

  /** All records, one behind the other. */
  encode(scribble: (record: Uint8Array) => void): Uint8Array {
    const layout = this.#layout
    const block = new Uint8Array(this.count * layout)
    let offset = 0
    for (const { uid, userId, name, privilege } of this.list()) {
      const record = block.subarray(offset, offset + layout)
      record.set(encodeUserRecord(newUserRecord({ layout, uid, userId, name, privilege, ...this.#private.get(uid) })))
      scribble(record)
      offset += layout
    }
    return block
  }

  #freeSlot(): number {
    let uid = 1
    while (this.#bySlot.has(uid)) uid++
    return uid
  }
}

/** As much of a name as fits, no character cut in half. */
function cutToWidth(name: string, widthBytes: number): string {
  const encoder = new TextEncoder()
  let cut = name
  while (encoder.encode(cut).length > widthBytes) cut = [...cut].slice(0, -1).join('')
  return cut.trimEnd()
}
