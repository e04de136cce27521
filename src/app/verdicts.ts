import { ERROR_CODES, type ErrorCode, type RollcallError } from '../base/errors.ts'

/** The stages of Test Connection, in the order in which they are gone through. */
export const STAGES = [
  'address',
  'port',
  'handshake',
  'comm-key',
  'identity',
  'firmware',
  'clock',
  'counters',
  'record',
  'punch',
] as const

export type Stage = (typeof STAGES)[number]

/**
 * `failed`: the stage did not do what a sync, or live punches, need of it. `warning`: worth a look, and no reason why it should
 * fail. `note`: good to know, and nothing to do for most.
 */
export type Severity = 'failed' | 'warning' | 'note'

export interface Verdict {
  /** `any` where every stage that speaks to the device can end so. */
  readonly stage: Stage | 'any'
  readonly severity: Severity
  /** Why it is so, in one clause. */
  readonly cause: string
  /** What to do, in one clause. */
  readonly nextStep: string
}

/** A clock that is further off puts punches into the wrong minute. Devices drift by seconds a week. */
export const DRIFT_S_MAX = 60
/** From this share of its capacity on a log counts as nearly full. */
export const NEARLY_FULL_SHARE = 0.9
/** Firmware that sends its log only as a whole is asked for a record up to this many. */
export const DIRECT_RECORDS_MAX = 5_000

/** The verdict of a failure that has an error code: it says what docs/errors.md says. */
function failure(stage: Stage | 'any', code: ErrorCode): Verdict {
  const { means, nextStep } = ERROR_CODES[code]
  return { stage, severity: 'failed', cause: means, nextStep }
}

/** Verdicts that are errors, under the code of the error. */
const FAILURES = {
  HOST_NOT_FOUND: failure('address', 'HOST_NOT_FOUND'),
  HOST_UNREACHABLE: failure('port', 'HOST_UNREACHABLE'),
  CONNECTION_REFUSED: failure('port', 'CONNECTION_REFUSED'),
  CONNECTION_TIMEOUT: failure('port', 'CONNECTION_TIMEOUT'),
  ENCRYPTED_LINK: failure('handshake', 'ENCRYPTED_LINK'),
  COMM_KEY_REFUSED: failure('comm-key', 'COMM_KEY_REFUSED'),
  COMM_KEY_LOCKED: failure('comm-key', 'COMM_KEY_LOCKED'),
  SERIAL_MISMATCH: failure('identity', 'SERIAL_MISMATCH'),
  NO_ATTENDANCE_TABLE: failure('record', 'NO_ATTENDANCE_TABLE'),
  READ_INCOMPLETE: failure('record', 'READ_INCOMPLETE'),
  COUNT_MISMATCH: failure('record', 'COUNT_MISMATCH'),
  LAYOUT_UNPROVEN: failure('record', 'LAYOUT_UNPROVEN'),
  LAYOUT_AMBIGUOUS: failure('record', 'LAYOUT_AMBIGUOUS'),
  RECORDS_IMPLAUSIBLE: failure('record', 'RECORDS_IMPLAUSIBLE'),
  LOG_TOO_LARGE: failure('record', 'LOG_TOO_LARGE'),
  CONNECTION_LOST: failure('any', 'CONNECTION_LOST'),
  REPLY_TIMEOUT: failure('any', 'REPLY_TIMEOUT'),
  TIME_BUDGET_SPENT: failure('any', 'TIME_BUDGET_SPENT'),
  STREAM_CORRUPT: failure('any', 'STREAM_CORRUPT'),
  COMMAND_FAILED: failure('any', 'COMMAND_FAILED'),
  COMMAND_UNSUPPORTED: failure('any', 'COMMAND_UNSUPPORTED'),
  DEVICE_BUSY: failure('any', 'DEVICE_BUSY'),
  DEVICE_FAULT: failure('any', 'DEVICE_FAULT'),
  UNEXPECTED_REPLY: failure('any', 'UNEXPECTED_REPLY'),
  REPLY_DATA: failure('any', 'REPLY_DATA'),
} as const satisfies { readonly [code in ErrorCode]?: Verdict }

/**
 * Every verdict that Test Connection can give, by its stable code. docs/verdicts.md holds the same; a test compares the two, both
 * ways, and another has the virtual device produce each of them.
 */
export const VERDICTS = {
  ...FAILURES,
  UDP_ONLY: {
    stage: 'port',
    severity: 'note',
    cause: 'the device answers over UDP, and not over TCP',
    nextStep: 'nothing need be done; with the transport set to udp it is reached without trying TCP first',
  },
  UDP_SILENT: {
    stage: 'port',
    severity: 'failed',
    cause:
      'no datagram came back: over UDP a device that is off, a wrong address and a device that is held all look the same',
    nextStep: 'check the address and the power; leave the menu of the device and close other programs that read it',
  },
  WEB_PAGE: {
    stage: 'handshake',
    severity: 'failed',
    cause: 'a web server answers at this port, and no device',
    nextStep:
      'use the port that the device shows in its Comm. settings, 4370 unless changed, and not that of its web page',
  },
  ACCESS_PANEL: {
    stage: 'handshake',
    severity: 'failed',
    cause: 'an access panel (C3, InBio) answers at this port, which speaks another protocol',
    nextStep: 'use the address of a standalone device; Rollcall does not read access panels',
  },
  HUNG_UP: {
    stage: 'handshake',
    severity: 'failed',
    cause:
      'the port takes the connection and closes it without a word: another service, or a device that takes no more clients',
    nextStep:
      'check the port, close other programs that read the device, then try again; if it repeats, restart the device',
  },
  DEVICE_HELD: {
    stage: 'handshake',
    severity: 'failed',
    cause: 'the port is open, and the device does not answer: somebody is in its menu, or another program holds it',
    nextStep:
      'leave the menu, close other programs that read the device, then try again; if it repeats, restart the device',
  },
  COMM_KEY_ZERO_ASKED: {
    stage: 'comm-key',
    severity: 'note',
    cause: 'the device asks for a comm key although its key is 0',
    nextStep: 'nothing need be done; a comm key set in the device menu would keep strangers from reading it',
  },
  COMM_KEY_NOT_ASKED: {
    stage: 'comm-key',
    severity: 'warning',
    cause: 'a comm key is set here, and the device opened without asking for one: anybody in its network can read it',
    nextStep: 'set the same comm key in the device menu (Comm. settings), or set it here to 0',
  },
  SERIAL_NOT_TOLD: {
    stage: 'identity',
    severity: 'warning',
    cause: 'the device tells no serial number, so that another unit at its address would not be noticed',
    nextStep: 'give the device a fixed address, and keep others from it',
  },
  MODEL_NOT_TOLD: {
    stage: 'identity',
    severity: 'note',
    cause: 'the device does not tell its model, as units of other brands do not',
    nextStep: 'nothing need be done; its platform stands in for the model',
  },
  FIRMWARE_NOT_TOLD: {
    stage: 'firmware',
    severity: 'note',
    cause: 'the device does not tell its firmware',
    nextStep: 'nothing need be done; an update of the firmware will go unnoticed, and layouts are proven at each read',
  },
  CLOCK_NOT_TOLD: {
    stage: 'clock',
    severity: 'warning',
    cause: 'the device does not tell its clock',
    nextStep: 'compare the clock on its screen with the time of day; punches carry its time',
  },
  CLOCK_UNSET: {
    stage: 'clock',
    severity: 'warning',
    cause: 'the clock of the device stands in the year 2000: it was never set, or lost its battery',
    nextStep: 'set the date and time in the device menu; punches made until then carry no usable time',
  },
  ZONE_WRONG: {
    stage: 'clock',
    severity: 'warning',
    cause: 'the clock is off by whole quarters of an hour, as by another time zone',
    nextStep: 'set the time zone of the device in its settings (device:edit ID --timezone Area/City), or its clock',
  },
  CLOCK_DRIFT: {
    stage: 'clock',
    severity: 'warning',
    cause: `the clock is off by more than ${DRIFT_S_MAX} s, which puts punches into the wrong minute`,
    nextStep: 'set the clock in the device menu; punches carry its time',
  },
  COUNTERS_NOT_TOLD: {
    stage: 'counters',
    severity: 'warning',
    cause: 'the firmware counts nothing, as that of small Wi-Fi units',
    nextStep: 'nothing need be done; each read is whole, and proven by the size that the device announces',
  },
  COUNTERS_FEW: {
    stage: 'counters',
    severity: 'note',
    cause: 'the firmware counts its attendance records and nothing else',
    nextStep: 'nothing need be done; how full the log is cannot be told',
  },
  COUNTER_CONTRADICTED: {
    stage: 'counters',
    severity: 'warning',
    cause: 'the device counts no attendance records, and its free room says that there are some',
    nextStep:
      'look whether its menu shows records; if not, set its device type to time attendance instead of access control',
  },
  LOG_NEARLY_FULL: {
    stage: 'counters',
    severity: 'warning',
    cause: `more than ${NEARLY_FULL_SHARE * 100} % of the log is in use`,
    nextStep: 'sync the device, see that every punch is stored, then delete the attendance data in the device menu',
  },
  LOG_FULL: {
    stage: 'counters',
    severity: 'warning',
    cause: 'the log is full: new punches are refused, or take the place of the oldest',
    nextStep:
      'sync the device at once, see that every punch is stored, then delete the attendance data in the device menu',
  },
  LOG_EMPTY: {
    stage: 'record',
    severity: 'note',
    cause: 'the log is empty, so that no record could be looked at',
    nextStep: 'let somebody punch and test again, if the record layout is to be seen',
  },
  COUNTER_ZERO: {
    stage: 'record',
    severity: 'warning',
    cause: 'the device counts no attendance records, and there are some',
    nextStep: 'nothing need be done; each read is whole, and proven by the size that the device announces',
  },
  RECORDS_FAULTY: {
    stage: 'record',
    severity: 'note',
    cause: 'some records cannot be punches, such as one of 31 April; a sync keeps them in quarantine with the reason',
    nextStep: 'nothing need be done; the quarantined_records of the device show them after a sync',
  },
  BUFFER_UNSUPPORTED: {
    stage: 'record',
    severity: 'note',
    cause: 'the firmware cannot buffer its log, so that each read brings the whole of it',
    nextStep: 'nothing need be done; a longer interval between two reads spares the device',
  },
  LOG_NOT_SAMPLED: {
    stage: 'record',
    severity: 'note',
    cause: `the firmware sends its log only as a whole, and it holds more than ${DIRECT_RECORDS_MAX} records`,
    nextStep: 'run attendance:sync, which reads all of it and proves its layout',
  },
  EVENTS_REFUSED: {
    stage: 'punch',
    severity: 'failed',
    cause: 'the firmware cannot tell punches as they happen',
    nextStep: 'leave live off for this device; polling stores every punch',
  },
  EVENTS_SILENT: {
    stage: 'punch',
    severity: 'failed',
    cause: 'somebody punched during the wait, and the device told nothing, though it took the wish for events',
    nextStep: 'leave live off for this device; polling stores every punch',
  },
  NO_PUNCH: {
    stage: 'punch',
    severity: 'failed',
    cause: 'no punch was told during the wait, and none was counted',
    nextStep: 'test again, and let somebody punch while the test waits (device:test --punch)',
  },
  EVENT_UNKNOWN: {
    stage: 'punch',
    severity: 'warning',
    cause: 'the device tells punches in a form that is not known',
    nextStep:
      'nothing need be done, since a read brings each punch; report model, firmware and the bytes to the project',
  },
  TEST_TOO_LONG: {
    stage: 'any',
    severity: 'failed',
    cause: 'no stage was too slow by itself, but all of them together took longer than a test may',
    nextStep: 'test again; if it repeats, check the link to the device, or use a wired connection',
  },
  CHECKSUM_ERRORS: {
    stage: 'any',
    severity: 'warning',
    cause: 'packets came damaged, and had to be asked for again',
    nextStep: 'check cabling and Wi-Fi of the device; nothing damaged is ever stored',
  },
} as const satisfies Record<string, Verdict>

export type VerdictCode = keyof typeof VERDICTS

/** What came first over the link, where it was no packet. */
const STRANGERS: ReadonlyArray<{ begins: readonly number[]; verdict: VerdictCode }> = [
  { begins: [0x48, 0x54, 0x54, 0x50, 0x2f], verdict: 'WEB_PAGE' },
  { begins: [0x3c], verdict: 'WEB_PAGE' },
  { begins: [0xaa, 0x01], verdict: 'ACCESS_PANEL' },
]

/** The verdict of a failure; null where it has none, which makes it a defect of ours. */
export function verdictOf(error: RollcallError, met: { stage: Stage; firstBytes: Uint8Array }): VerdictCode | null {
  const { code } = error
  if (code === 'TIME_BUDGET_SPENT' && met.stage === 'address') return 'HOST_NOT_FOUND'
  if (code === 'PACKET_ENCRYPTED') return 'ENCRYPTED_LINK'
  if (code === 'REPLY_TIMEOUT' && met.stage === 'port') return 'UDP_SILENT'
  if (code === 'REPLY_TIMEOUT' && met.stage === 'handshake') return 'DEVICE_HELD'
  if (code === 'CONNECTION_LOST' && met.stage === 'handshake' && met.firstBytes.length === 0) return 'HUNG_UP'
  if (code === 'STREAM_CORRUPT' && met.stage === 'handshake') {
    const stranger = STRANGERS.find(({ begins }) => begins.every((byte, at) => met.firstBytes[at] === byte))
    if (stranger) return stranger.verdict
  }
  return isFailure(code) ? code : null
}

function isFailure(code: ErrorCode): code is ErrorCode & keyof typeof FAILURES {
  return Object.hasOwn(FAILURES, code)
}
