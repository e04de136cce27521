export { CodecError } from '../base/errors.ts'
export {
  countFaults,
  type FaultCounts,
  type LayoutEvidence,
  type LayoutProof,
  proveLayout,
} from './binary/attendance-layout.ts'
export {
  AttendanceDecoder,
  type AttendanceRecord,
  carriesOnlyUid,
  decodeAttendanceRecord,
  encodeAttendanceRecord,
  type FixedLayout,
  type LayoutName,
  type LogRecord,
  layoutsOfSize,
  newAttendanceRecord,
  parseLayoutName,
  recordBytes,
} from './binary/attendance-record.ts'
export {
  type BufferRequest,
  decodeBufferReady,
  decodePrepareBuffer,
  decodePrepareData,
  decodeReadBuffer,
  encodeBufferReady,
  encodePrepareBuffer,
  encodePrepareData,
  encodeReadBuffer,
} from './binary/bulk.ts'
export { checksumHolds, packetChecksum } from './binary/checksum.ts'
export { scrambleCommKey } from './binary/comm-key.ts'
export { Command, commandName, EventFlag, Reply } from './binary/commands.ts'
export { decodeEventTime, encodeEventTime } from './binary/event-time.ts'
export { encodeFrame, FRAME_PREFIX_BYTES, MAX_PAYLOAD_BYTES, PacketReader } from './binary/frame.ts'
export {
  decodeFreeSizes,
  encodeFreeSizes,
  type FreeSizes,
  newFreeSizes,
  type SizeCounts,
} from './binary/free-sizes.ts'
export { decodeU32, encodeU32 } from './binary/integers.ts'
export {
  type DeviceOption,
  decodeOption,
  decodeOptionRequest,
  encodeOption,
  encodeOptionRequest,
} from './binary/options.ts'
export {
  decodePackedTime,
  encodePackedTime,
  existsInCalendar,
  formatLocalTime,
  type LocalTime,
  PackedTimeFormatter,
  packedTimeFault,
  parseLocalTime,
} from './binary/packed-time.ts'
export { decodePacket, encodePacket, HEADER_BYTES, type Packet } from './binary/packet.ts'
export { type AttendanceEvent, decodeAttendanceEvents, encodeAttendanceEvent } from './binary/realtime-event.ts'
export { decodeText, userIdFault } from './binary/text.ts'
export {
  decodeUserBlock,
  decodeUserRecord,
  encodeUserRecord,
  newUserRecord,
  type UserLayout,
  type UserRecord,
} from './binary/user-record.ts'
export { decodeTrace } from './trace/decode-trace.ts'
export { encodeTraceEvent, encodeTraceHeader } from './trace/encode-trace.ts'
export type { Trace, TraceEvent, TraceHeader } from './trace/trace-events.ts'
export { type TraceEntry, traceEntries } from './trace/trace-packets.ts'
