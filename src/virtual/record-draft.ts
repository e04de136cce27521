/** Why a truthful reader must set a record aside. `SAME_SECOND` is a punch, but the second one of its second. */
export type FaultyReason =
  | 'IMPOSSIBLE_DATE'
  | 'NO_TIME'
  | 'EMPTY_USER_ID'
  | 'UNREADABLE_USER_ID'
  | 'UNKNOWN_UID'
  | 'SAME_SECOND'

/** What a record is before it becomes bytes. */
export interface RecordDraft {
  readonly uid: number
  /** As the bytes name the person; for layouts that carry the slot alone, the person who had it. */
  readonly userId: string
  readonly packedTime: number
  readonly verifyMode: number
  readonly punchState: number
  readonly workCode: number
  readonly faulty: FaultyReason | null
  /** Changes the finished bytes of the record in place. */
  readonly scribble?: ((bytes: Uint8Array) => void) | undefined
}

/** What a truthful reader must find in the log of a virtual device. */
export interface VirtualPunch {
  readonly userId: string
  /** `YYYY-MM-DD HH:MM:SS`; `null` where the record carries no time that exists. */
  readonly localTime: string | null
  readonly punchState: number
  readonly verifyMode: number
  /** 0 where the layout has none. */
  readonly workCode: number
  readonly uid: number
  readonly faulty: FaultyReason | null
}
