import { ConnectionError } from '../base/errors.ts'
import type { Conversation, Request } from './conversation.ts'

/** What is said out of courtesy must not cost a read, and not much time. */
const COURTESY_TIMEOUT_MS = 2_000

/** A request whose answer does not matter, be it silence. */
export function* courtesy(request: Request): Conversation<void> {
  try {
    yield { ...request, timeoutMs: COURTESY_TIMEOUT_MS }
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.code !== 'REPLY_TIMEOUT') throw error
  }
}
