/**
 * Every failure that Rollcall reports, by its stable code: whether trying again later can help, what it means, and
 * what a person should do next. `docs/errors.md` holds the same table; a test compares the two, both ways.
 */
export const ERROR_CODES = {
  // Reaching the device.
  CONNECTION_REFUSED: {
    retryable: true,
    means: 'the device, or something at its address, refused the connection',
    nextStep:
      'check the address and the port (4370 unless changed in the device menu), and that the device is switched on',
  },
  CONNECTION_TIMEOUT: {
    retryable: true,
    means: 'nothing answered at the address in time',
    nextStep: 'check the network cable, the address and any firewall between; ping the device',
  },
  HOST_UNREACHABLE: {
    retryable: true,
    means: 'the network has no route to the address',
    nextStep: 'check the address, the network mask and the gateway of both sides',
  },
  HOST_NOT_FOUND: {
    retryable: true,
    means: 'the host name has no address',
    nextStep: 'check the spelling, or use the IP address that the device shows in its network menu',
  },
  CONNECTION_LOST: {
    retryable: true,
    means: 'the connection was cut in the middle of a conversation',
    nextStep:
      'nothing is lost and the next try reads again; if it repeats, check cabling, power and Wi-Fi of the device',
  },
  REPLY_TIMEOUT: {
    retryable: true,
    means: 'the device is reachable but did not answer',
    nextStep:
      'another program may hold the device, or a person is in its menu: close the other program, leave the menu, or restart the device',
  },
  STREAM_CORRUPT: {
    retryable: true,
    means: 'the bytes that came are not the ZK protocol',
    nextStep: 'check that the port belongs to a ZKTeco standalone device, not to a web page or an access panel',
  },
  TIME_BUDGET_SPENT: {
    retryable: true,
    means: 'the device took longer than its time budget',
    nextStep: 'it is tried again later; if it repeats, check the link to the device, or use a wired connection',
  },
  // What the device answered.
  COMM_KEY_REFUSED: {
    retryable: false,
    means: 'the device rejected the comm key, or needs one',
    nextStep:
      'read the comm key in the device menu (Comm. settings) and enter it in the settings of the device (device:edit ID --comm-key KEY)',
  },
  COMM_KEY_LOCKED: {
    retryable: true,
    means: 'the device has locked authentication after wrong comm keys',
    nextStep: 'wait some minutes, correct the comm key, then try again',
  },
  ENCRYPTED_LINK: {
    retryable: false,
    means: 'the firmware demands an encrypted link, which polling does not speak',
    nextStep: 'use push (ADMS, "cloud server" in the device menu) for this device',
  },
  RECORDS_HIDDEN: {
    retryable: true,
    means: 'the device says that it holds no attendance records, and its free space says otherwise',
    nextStep:
      'look at the records on the device itself; if they are there, set its device type to time attendance, or update its firmware',
  },
  NO_ATTENDANCE_TABLE: {
    retryable: false,
    means: 'the device keeps no attendance log',
    nextStep: 'in the device menu set the device type to time attendance instead of access control',
  },
  COMMAND_FAILED: {
    retryable: true,
    means: 'the device answered a command with an error',
    nextStep: 'try again; if it repeats, restart the device',
  },
  COMMAND_UNSUPPORTED: {
    retryable: false,
    means: 'the firmware does not know a command that is needed',
    nextStep: 'update the firmware, or report the model and firmware to the project',
  },
  DEVICE_BUSY: {
    retryable: true,
    means: 'the device is busy and asks to be tried again',
    nextStep: 'wait; if it repeats, look whether somebody stands in its menu',
  },
  DEVICE_FAULT: {
    retryable: true,
    means: 'the device reports a fault of its own',
    nextStep: 'restart the device; if it repeats, its memory may be damaged',
  },
  UNEXPECTED_REPLY: {
    retryable: true,
    means: 'the device answered with a code that has no meaning here',
    nextStep: 'try again; if it repeats, report the code in the message, the model and the firmware to the project',
  },
  SERIAL_MISMATCH: {
    retryable: false,
    means: 'another device answers at this address',
    nextStep: 'if the device was replaced, add the new one and disable the old; else correct the address',
  },
  DEVICE_TWICE: {
    retryable: false,
    means: 'one device stands in the list twice, under two addresses',
    nextStep: 'remove or disable one of the two',
  },
  // A read that cannot be trusted.
  READ_INCOMPLETE: {
    retryable: true,
    means: 'fewer or more bytes came than the device announced',
    nextStep: 'nothing of the read was stored and the next try reads again; if it repeats, check the link',
  },
  COUNT_MISMATCH: {
    retryable: true,
    means: 'the number of records read is not explained by the counter of the device',
    nextStep:
      'what was read is stored and the next run reads everything again; if it repeats, report model and firmware',
  },
  LAYOUT_UNPROVEN: {
    retryable: true,
    means: 'no known record layout explains the bytes of the log',
    nextStep:
      'nothing was stored; check the clock of the device, then report model, firmware and the sizes in the message',
  },
  LAYOUT_AMBIGUOUS: {
    retryable: true,
    means: 'two record layouts explain the bytes of the log equally well',
    nextStep: 'nothing was stored; a few more punches usually decide it; if not, report model and firmware',
  },
  RECORDS_IMPLAUSIBLE: {
    retryable: true,
    means: 'too many records of one read cannot be punches',
    nextStep: 'nothing of the read was stored; report model and firmware, since the record layout may be unknown',
  },
  LOG_TOO_LARGE: {
    retryable: false,
    means: 'the device announces a log larger than any known device can hold',
    nextStep: 'restart the device; if it repeats, its memory may be damaged',
  },
  // Bytes that do not fit their wire format.
  PACKET_MAGIC: {
    retryable: true,
    means: 'a TCP frame does not begin with the magic of the protocol',
    nextStep: 'check that the port belongs to a ZKTeco standalone device',
  },
  PACKET_ENCRYPTED: {
    retryable: false,
    means: 'a TCP frame belongs to the encrypted link of newer firmware',
    nextStep: 'use push (ADMS) for this device',
  },
  PACKET_LENGTH: {
    retryable: true,
    means: 'a packet declares or has an impossible length',
    nextStep: 'the connection is closed and tried again; if it repeats, report model and firmware',
  },
  PACKET_CHECKSUM: {
    retryable: true,
    means: 'the checksum of a packet is wrong',
    nextStep: 'the packet is dropped and asked for again; if it repeats, check the link',
  },
  REPLY_DATA: {
    retryable: true,
    means: 'the data of a reply do not have the form that the protocol notes give',
    nextStep: 'try again; if it repeats, report model and firmware',
  },
  RECORD_LENGTH: {
    retryable: false,
    means: 'a record does not have the length of its layout',
    nextStep: 'report model and firmware to the project',
  },
  TIME_RANGE: {
    retryable: false,
    means: 'a time cannot be written in the form of the device (years 2000 to 2099)',
    nextStep: 'use a date between 2000-01-01 and 2099-12-31',
  },
  FIELD_TOO_LONG: {
    retryable: false,
    means: 'a text or number does not fit its field on the wire',
    nextStep: 'shorten it to the width in the message',
  },
  COMM_KEY_RANGE: {
    retryable: false,
    means: 'a comm key is a whole number from 0 to 4294967295',
    nextStep: 'read the comm key in the device menu and give just its digits',
  },
  TRACE_INVALID: {
    retryable: false,
    means: 'a file is no trace, or a damaged one',
    nextStep: 'record it again with --trace FILE, or remove the line that the message names',
  },
  // The database.
  STORE_UNAVAILABLE: {
    retryable: true,
    means: 'the database cannot be opened or reached',
    nextStep: 'check DATABASE_URL, that the folder exists and may be written, and that the disk is not full',
  },
  STORE_UNREACHABLE: {
    retryable: true,
    means: 'the database server does not answer',
    nextStep:
      'check that the server of DATABASE_URL runs and can be reached; Rollcall goes on by itself once it is back',
  },
  STORE_FAILED: {
    retryable: true,
    means: 'the database refused a statement',
    nextStep: 'nothing of the transaction was stored; it is tried again; the message says what the database said',
  },
  COPY_UNFINISHED: {
    retryable: false,
    means: 'the database is the target of a copy that is not finished',
    nextStep: 'run the same db:copy again, which goes on where it was, or let DATABASE_URL name the source again',
  },
  DATABASE_IN_USE: {
    retryable: true,
    means: 'another process works on a database that must stand still',
    nextStep: 'stop every process of this installation, then run the command again',
  },
  STORE_SCHEMA_NEWER: {
    retryable: false,
    means: 'the database was written by a newer Rollcall',
    nextStep: 'update this installation of Rollcall',
  },
  LEASE_HELD: {
    retryable: true,
    means: 'another process is reading this device',
    nextStep: 'wait for it to end; a sync is tried again by itself, anything else when you ask again',
  },
  LEASE_LOST: {
    retryable: true,
    means: 'this process lost its right to read the device while reading it',
    nextStep: 'nothing is lost; the process that took over goes on',
  },
  NOT_FOUND: {
    retryable: false,
    means: 'there is no such device, job or record',
    nextStep: 'look for it in the list of its kind: it may have been removed, or its id mistyped',
  },
  RUN_INTERRUPTED: {
    retryable: true,
    means: 'the process ended before this run did',
    nextStep: 'nothing is lost; the next run reads again',
  },
  DEFECT: {
    retryable: true,
    means: 'the fault lies in Rollcall itself',
    nextStep: 'it is tried again; report the message and the lines around it in the log file to the project',
  },
  // The queue.
  QUEUE_UNAVAILABLE: {
    retryable: true,
    means: 'the queue cannot be reached',
    nextStep: 'check the server that REDIS_URL names, or the database where it is unset; workers go on by themselves',
  },
  JOB_LOST: {
    retryable: true,
    means: 'another worker has taken this job over',
    nextStep: 'nothing is lost; that worker goes on',
  },
  // People and programs.
  SIGN_IN_REFUSED: {
    retryable: false,
    means: 'the e-mail address and the password do not open an account',
    nextStep: 'type both again; an admin can set another password, or see whether the account is disabled',
  },
  TOO_MANY_TRIES: {
    retryable: true,
    means: 'sign-in was tried too often of late',
    nextStep: 'wait for the minutes that the message names, then try again',
  },
  LINK_REFUSED: {
    retryable: false,
    means: 'the link that makes the first admin is used, replaced or too old',
    nextStep: 'start Rollcall again and use the link that it prints; once there is an account, sign in',
  },
  ACCOUNT_EXISTS: {
    retryable: false,
    means: 'there is an account with this e-mail address already',
    nextStep: 'use another address, or change the account that is there',
  },
  LAST_ADMIN: {
    retryable: false,
    means: 'without this account nobody could change anything any more',
    nextStep: 'make another account an admin first',
  },
  PASSWORD_REFUSED: {
    retryable: false,
    means: 'a password cannot be used',
    nextStep: 'choose a new one of 10 to 128 characters, and give the present one where it is asked for',
  },
  // Configuration and use.
  CONFIG_INVALID: {
    retryable: false,
    means: 'an option or a variable has a value that cannot be used',
    nextStep: 'correct the option or variable that the message names',
  },
  SECRET_UNUSABLE: {
    retryable: false,
    means: 'the secret that protects the comm keys is missing, unreadable or not the one they were sealed with',
    nextStep:
      'restore storage/secret.key from a backup, or enter the comm key of each device again (device:edit ID --comm-key KEY)',
  },
  OUTPUT_FAILED: {
    retryable: false,
    means: 'a file cannot be written',
    nextStep: 'check the path, its permissions and the space on the disk',
  },
} as const satisfies Record<string, { retryable: boolean; means: string; nextStep: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** The one error type of the project: a stable code for programs, a sentence for people, the cause for whoever digs. */
export class RollcallError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }

  /** Whether the same attempt can succeed later without anybody changing a setting. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }

  /** One sentence on what a person should do. */
  get nextStep(): string {
    return ERROR_CODES[this.code].nextStep
  }
}

/** Bytes that do not have the form of the protocol. */
export class CodecError extends RollcallError {}
/** The way to the device failed. */
export class ConnectionError extends RollcallError {}
/** The device was reached, and what it answered cannot be used. */
export class DeviceError extends RollcallError {}
/** The database failed, or its rules forbid what was asked. */
export class StoreError extends RollcallError {}
/** The queue of sync jobs failed. */
export class QueueError extends RollcallError {}
/** A setting, option or argument cannot be used. */
export class ConfigError extends RollcallError {}

/** Errors of the project as they are. Anything else that was thrown is a defect of ours: it gets the code that says so. */
export function asRollcallError(error: unknown): RollcallError {
  if (error instanceof RollcallError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RollcallError('DEFECT', `a defect of Rollcall: ${message}`, { cause: error })
}
