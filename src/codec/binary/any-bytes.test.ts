import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { CodecError } from '../../base/errors.ts'
import { countFaults, proveLayout } from './attendance-layout.ts'
import { AttendanceDecoder, decodeAttendanceRecord, type LayoutName } from './attendance-record.ts'
import { decodeBufferReady, decodePrepareBuffer, decodePrepareData, decodeReadBuffer } from './bulk.ts'
import { checksumHolds, packetChecksum } from './checksum.ts'
import { decodeEventTime } from './event-time.ts'
import { PacketReader } from './frame.ts'
import { decodeFreeSizes } from './free-sizes.ts'
import { decodeU32 } from './integers.ts'
import { decodeOption, decodeOptionRequest } from './options.ts'
import { decodePacket } from './packet.ts'
import { decodeAttendanceEvents } from './realtime-event.ts'
import { decodeText, userIdFault } from './text.ts'
import { decodeUserBlock, decodeUserRecord } from './user-record.ts'

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '49', '40+1', '40+88']
const nothingKnown = { counterBefore: null, counterAfter: null, deviceTime: null, remembered: null }

/** Everything that reads bytes of a device, by name. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  packetChecksum,
  checksumHolds,
  decodePacket,
  PacketReader: bytes => {
    const reader = new PacketReader({ maxPayloadBytes: 64 })
    const packets = reader.push(bytes)
    assert(reader.heldBytes <= 64 + 8)
    return packets
  },
  decodeEventTime,
  decodeFreeSizes,
  decodeU32,
  decodeOption,
  decodeOptionRequest,
  decodeText,
  userIdFault,
  decodeBufferReady,
  decodePrepareBuffer,
  decodePrepareData,
  decodeReadBuffer,
  decodeAttendanceEvents,
  decodeUserRecord28: bytes => decodeUserRecord(bytes, 28),
  decodeUserRecord72: bytes => decodeUserRecord(bytes, 72),
  decodeUserBlock: bytes => decodeUserBlock(bytes, { userCount: null }),
  proveLayout: block => proveLayout({ ...nothingKnown, block }),
  ...Object.fromEntries(
    LAYOUTS.flatMap(layout => [
      [`decodeAttendanceRecord ${layout}`, bytes => decodeAttendanceRecord(bytes, layout)],
      [`AttendanceDecoder ${layout}`, bytes => new AttendanceDecoder(layout).decodeAt(bytes, 0)],
      [`countFaults ${layout}`, bytes => countFaults(bytes, layout)],
    ]),
  ),
}

/** Bytes that have the length, and sometimes the head, of what is meant. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc.constantFrom(4, 6, 8, 10, 11, 12, 13, 14, 28, 32, 36, 37, 40, 49, 52, 72, 80, 92, 104, 112, 128).chain(length => {
    return fc.uint8Array({ minLength: length, maxLength: length })
  }),
  fc.constantFrom(28, 72, 504, 1008).chain(length =>
    fc.uint8Array({ minLength: length, maxLength: length }).map(records => {
      const head = Uint8Array.of(length & 0xff, length >> 8, 0, 0)
      return new Uint8Array(Buffer.concat([head, records]))
    }),
  ),
  fc.uint8Array({ maxLength: 60 }).map(tail => {
    return new Uint8Array(Buffer.concat([Uint8Array.of(0x50, 0x50, 0x82, 0x7d, tail.length & 31, 0, 0, 0), tail]))
  }),
)

describe('any bytes at all give a value or a CodecError, and stay as they are', () => {
  for (const [name, decode] of Object.entries(DECODERS)) {
    test(name, () => {
      fc.assert(
        fc.property(anyBytes, bytes => {
          const before = bytes.slice()
          try {
            decode(bytes)
          } catch (error) {
            assert(error instanceof CodecError, `${error}`)
          }
          assert.deepEqual(bytes, before)
        }),
        { numRuns: 300 },
      )
    })
  }

  test('and every decoder of the folder is among them', () => {
    const sources = globSync('*.ts', { cwd: import.meta.dirname }).filter(name => !name.endsWith('.test.ts'))
    const texts = sources.map(name => readFileSync(join(import.meta.dirname, name), 'utf8'))
    const decoders = texts.flatMap(text => [...text.matchAll(/^export function (decode\w+)/gm)].map(match => match[1]))
    const covered = Object.keys(DECODERS).map(name => name.replace(/(?:28|72| .*)$/, ''))
    // A packed time is a number, whose own test tries every kind of it.
    const missing = decoders.filter(name => name !== 'decodePackedTime' && !covered.includes(name as string))
    assert.deepEqual(missing, [])
    assert(decoders.length > 12)
  })
})
