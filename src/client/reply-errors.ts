import { ConnectionError, DeviceError, type ErrorCode } from '../base/errors.ts'
import { commandName, Reply } from '../codec/binary/commands.ts'
import type { Packet } from '../codec/binary/packet.ts'

/** What a reply other than the wanted one means: its error code, and the sentence that completes "the device ...". */
const REPLY_FAILURES = new Map<number, { code: ErrorCode; says: string }>([
  [Reply.Error, { code: 'COMMAND_FAILED', says: 'answered with an error' }],
  [Reply.Retry, { code: 'DEVICE_BUSY', says: 'asks to try again' }],
  [Reply.Repeat, { code: 'DEVICE_BUSY', says: 'asks to repeat the command' }],
  [Reply.Unauthorized, { code: 'COMM_KEY_REFUSED', says: 'demands another comm key' }],
  [Reply.AuthLocked, { code: 'COMM_KEY_LOCKED', says: 'has locked authentication' }],
  [Reply.NoBuffer, { code: 'NO_ATTENDANCE_TABLE', says: 'keeps no attendance log' }],
  [Reply.EncryptedLink, { code: 'ENCRYPTED_LINK', says: 'demands an encrypted link' }],
  [Reply.Unknown, { code: 'COMMAND_UNSUPPORTED', says: 'does not know the command' }],
  [Reply.ErrorCommand, { code: 'COMMAND_UNSUPPORTED', says: 'does not support the command' }],
  [Reply.ErrorInit, { code: 'DEVICE_FAULT', says: 'reports that it is not initialised' }],
  [Reply.ErrorData, { code: 'DEVICE_FAULT', says: 'reports an error in its data' }],
])

/** The error for a reply that is not what `command` wants. Branch on its `code`; the message names command and reply. */
export function replyError(command: number, reply: Packet): DeviceError {
  const failure = REPLY_FAILURES.get(reply.command)
  if (!failure) {
    return new DeviceError(
      'UNEXPECTED_REPLY',
      `the device answered ${commandName(command)} with ${commandName(reply.command)}, which has no meaning here`,
    )
  }
  return new DeviceError(
    failure.code,
    `the device ${failure.says} (${commandName(reply.command)}, ${reply.command}, to ${commandName(command)})`,
  )
}

/** Node's error codes of a connection that could not be made or broke, in our own. */
const SYSTEM_FAILURES: Record<string, { code: ErrorCode; says: string }> = {
  ECONNREFUSED: { code: 'CONNECTION_REFUSED', says: 'connection refused' },
  ETIMEDOUT: { code: 'CONNECTION_TIMEOUT', says: 'no answer' },
  EHOSTUNREACH: { code: 'HOST_UNREACHABLE', says: 'host unreachable' },
  ENETUNREACH: { code: 'HOST_UNREACHABLE', says: 'network unreachable' },
  EHOSTDOWN: { code: 'HOST_UNREACHABLE', says: 'host down' },
  EADDRNOTAVAIL: { code: 'HOST_UNREACHABLE', says: 'address not available' },
  EACCES: { code: 'HOST_UNREACHABLE', says: 'address not allowed' },
  ENOTFOUND: { code: 'HOST_NOT_FOUND', says: 'host name not found' },
  EAI_AGAIN: { code: 'HOST_NOT_FOUND', says: 'host name could not be looked up' },
  ECONNRESET: { code: 'CONNECTION_LOST', says: 'connection reset' },
  EPIPE: { code: 'CONNECTION_LOST', says: 'connection closed' },
}

/** The error for a link that could not be opened or broke; `where` is `host:port`. */
export function linkError(error: Error | null, where: string): ConnectionError {
  const systemCode = error && 'code' in error ? String(error.code) : ''
  const failure = SYSTEM_FAILURES[systemCode]
  if (failure) return new ConnectionError(failure.code, `${failure.says} at ${where}`, { cause: error })
  if (!error) return new ConnectionError('CONNECTION_LOST', `the device at ${where} closed the connection`)
  return new ConnectionError('CONNECTION_LOST', `connection broken at ${where}: ${error.message}`, { cause: error })
}
