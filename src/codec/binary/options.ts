import { Buffer } from 'node:buffer'
import { CodecError } from '../../base/errors.ts'
import { decodeText, textBytes } from './text.ts'

/** One setting of a device: `key=value`. Values are text in the character set of the device. */
export interface DeviceOption {
  readonly key: string
  /** The bytes as they came, for a character set that only the reader knows. */
  readonly value: Uint8Array
  readonly text: string
}

const EQUALS = 0x3d

/** The data that ask for one option: its key and a NUL. Source: docs/protocol/options.md, O-1. */
export function encodeOptionRequest(key: string): Uint8Array {
  return Buffer.from(`${key}\0`, 'utf8')
}

/** The key that a client asks for; working clients send it with and without the NUL. */
export function decodeOptionRequest(data: Uint8Array): string {
  return decodeText(data)
}

/**
 * Decodes `key=value`, which ends at the first NUL or with the data. A value may hold `=` itself.
 *
 * @throws CodecError `REPLY_DATA` where there is no `=`.
 * Source: docs/protocol/options.md, O-2; captures `opt-*`.
 */
export function decodeOption(data: Uint8Array): DeviceOption {
  const bytes = textBytes(data)
  const split = bytes.indexOf(EQUALS)
  if (split === -1) throw new CodecError('REPLY_DATA', `an option is key=value, got ${data.length} bytes without "="`)
  const value = bytes.subarray(split + 1)
  return { key: decodeText(bytes.subarray(0, split)), value, text: decodeText(value) }
}

/** `key=value` and a NUL, as devices answer and as writes are sent. */
export function encodeOption(option: { key: string; value: string | Uint8Array }): Uint8Array {
  const value = typeof option.value === 'string' ? Buffer.from(option.value, 'utf8') : option.value
  return Buffer.concat([Buffer.from(`${option.key}=`, 'utf8'), value, Uint8Array.of(0)])
}
