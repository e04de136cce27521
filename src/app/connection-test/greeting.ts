import type { Conversation } from '../../client/conversation.ts'
import { connect } from '../../client/conversations.ts'
import type { Packet } from '../../codec/binary/packet.ts'

/** The opening of a session in its parts, so that each can be told by itself: is anybody there, who, and for which key. */
export class Greeting {
  readonly #inner: Conversation<void>
  #answer: Packet | null = null
  #step: ReturnType<Conversation<void>['next']> | null = null

  constructor(options: { commKey: number; tick: number }) {
    this.#inner = connect(options)
  }

  /** Sends the greeting and waits for whatever answers. */
  *ask(): Conversation<void> {
    const first = this.#inner.next()
    if (first.done) return
    const answer = yield first.value
    this.#answer = { ...answer, data: answer.data.slice() }
  }

  /** Takes the answer for what it is. @throws DeviceError where it is a refusal. */
  judge(): void {
    if (this.#answer) this.#step = this.#inner.next(this.#answer)
  }

  /** Whether the answer asks for a comm key. */
  get asksForKey(): boolean {
    return this.#step?.done === false
  }

  /** Sends the comm key. @throws DeviceError `COMM_KEY_REFUSED`, `COMM_KEY_LOCKED`, ... */
  *authenticate(): Conversation<void> {
    while (this.#step?.done === false) this.#step = this.#inner.next(yield this.#step.value)
  }
}
