/** What a session does otherwise than expected, from the first packet to the last. */
const SESSION_FAULTS = {
  'comm-key-always-asked': 'answers CMD_CONNECT with 2005 and wants CMD_AUTH, even for comm key 0',
  'auth-locked': 'asks for a comm key, and answers every CMD_AUTH with 2032: authentication is locked',
  'encrypted-link': 'answers CMD_CONNECT with 6001 and nothing else ever',
  'menu-open': 'somebody is in the menu of the device: CMD_CONNECT is dropped without an answer',
  'second-connection-stalls': 'a second connection is accepted, and nothing on it is ever answered',
  'stale-session-blocks': 'after a connection was lost without CMD_EXIT, drops every CMD_CONNECT for a while (ms)',
  'no-exit-answer': 'ends the session at CMD_EXIT without a word, and leaves the connection open',
  'exit-closes-before-ack': 'closes the connection at CMD_EXIT before its acknowledgement could leave',
  'session-id-is-packet-index':
    'puts a running packet number into the session field of everything after the first reply',
  'wrong-serial': 'tells a serial number that is not its own, as if another device had taken the address',
  'option-errors': 'answers 2001 when asked for its device name',
  'malformed-option': 'tells its serial number in a text that is no key=value',
  'answers-code': 'answers everything between CMD_CONNECT and CMD_EXIT with one reply code (the code)',
  'clock-not-told': 'answers 2001 when asked for its clock',
  'clock-far-ahead': 'its clock runs ten years ahead',
  'clock-reset-2000': 'its clock fell back to 2000-01-01 00:00:00 and runs on from there',
} as const

/** What differs from firmware to firmware when a log is read. */
const READING_FAULTS = {
  'no-attendance-table': 'keeps no attendance log: 4989 to the buffered read, 2001 to the direct one, counter zero',
  'records-hidden': 'counts 0 attendance records and sends none, while its free room says that there are some',
  'no-buffered-read': 'answers 65535 to 1503 and 1504, so that only the direct read is left',
  'buffered-read-error': 'answers 2001 to 1503 for the attendance log, although there are records',
  'prepare-answers-1500': 'answers 1503 with CMD_PREPARE_DATA, the size at offset 0, in place of 2000',
  'prepare-answers-retry': 'answers 1503 with 2003: try again later',
  'slow-prepare': 'is silent for a long time before it answers 1503 (ms), and everything after it waits',
  'small-slices-long-form': 'uses CMD_PREPARE_DATA and a trailing acknowledgement for small slices too',
  'direct-read-wrong-memory': 'the direct read brings the right number of bytes, from the wrong place in memory',
  'empty-log-inline': 'sends an empty log as an inline length word of zero, in place of 2001',
  'slices-in-sequence': 'ignores where a slice begins, and goes on from where the last one ended',
  'odd-offsets-broken': 'slices that begin at offset 1, 2 or 3 bring the wrong bytes',
  'time-range-read': 'knows command 10004: the records between two times',
  'running-record-numbers': 'puts a running number where others have the slot, in records of 40 bytes and more',
  'sizes-zero-count': 'counts 0 attendance records whatever the log holds',
  'sizes-zero-count-used': 'counts 0 attendance records, and tells by its free room that there are some',
  'sizes-4-bytes': 'answers the free sizes with one zero word; single words come when asked for by index',
  'sizes-4-bytes-blind': 'answers the free sizes with one zero word, when asked by index too',
  'counter-too-high': 'counts more attendance records than there are (how many more)',
  'counter-too-low': 'counts fewer attendance records than there are (how many fewer)',
  'trailing-ack-session': 'the acknowledgement after a transfer carries the session id',
  'trailing-ack-index': 'the acknowledgement after a transfer carries the index of the last packet',
  'trailing-ack-bytes': 'the acknowledgement after a transfer carries the number of bytes sent, low 16 bits',
  'trailing-ack-late': 'the acknowledgement after a transfer comes late (ms), and nothing waits for it',
  'trailing-ack-after-next-answer': 'the acknowledgement after a transfer comes after the answer to the next command',
  'no-trailing-ack': 'the acknowledgement after a transfer never comes',
} as const

/** What happens to the log while somebody reads it. */
const CHANGE_FAULTS = {
  'records-appended-while-reading': 'somebody punches between one command and the next, every now and then',
  'record-appended-after-sizes': 'somebody punches right after the counters were read',
  'record-appended-after-prepare': 'somebody punches right after the buffer was prepared',
  'record-appended-between-slices': 'somebody punches after each slice',
  'log-cleared-after-sizes': 'the log is cleared once, right after the counters were read',
  'log-cleared-while-reading': 'the log is cleared once, after the first slice of a read; the buffer goes with it',
  'events-while-reading':
    'somebody punches during a transfer, and the event comes between its packets, asked for or not',
} as const

/** How punches are told over an open connection. */
const EVENT_FAULTS = {
  'events-cached': 'numbers its events in the reply id and repeats each one until that number is acknowledged',
  'events-refused': 'answers 65535 when asked for events',
  'events-never-sent': 'takes the wish for events, and never sends one',
  'unknown-event-length': 'tells punches in 41 bytes, a length that no reference names',
} as const

/** What stands in the records and the user list. Acts on what is stored while it is on. */
const RECORD_FAULTS = {
  'impossible-dates': 'some records carry a day that the calendar does not have, such as 31 April',
  'zero-times': 'some records carry no time: all zeros, or all ones',
  'duplicate-records': 'some punches stand in the log twice, byte for byte',
  'same-second-different-codes':
    'some punches are followed by another of the same person and second with another state',
  'garbage-after-nul': 'leftover bytes stand behind the end of texts, in users and in records',
  'empty-user-ids': 'some records name nobody',
  'unreadable-user-ids': 'some records carry bytes that are no text where the user id belongs',
  'unknown-uids': 'some records carry a slot or user id that the user list does not know',
  'slot-reused': 'one person was deleted, and somebody else was enrolled into the same slot',
  'user-names-gbk': 'the names of users are encoded in GBK',
} as const

/** Bulk data that are not what was asked for. */
const BULK_FAULTS = {
  'slice-short': 'a slice brings fewer bytes than were asked for, and says nothing about it',
  'slice-long': 'a slice brings more bytes than were asked for',
  'announced-size-too-big': 'announces more bytes than the buffer holds',
  'announced-size-too-small': 'announces fewer bytes than the buffer holds',
  'size-changes-between': 'every other 1503 announces one record less, though the log is the same',
  'slice-announcement-differs': 'the announcement of a slice names another length than was asked for and sent',
  'data-repeated': 'a packet of a transfer is sent twice',
  'data-out-of-order': 'two neighbouring packets of a transfer change places',
  'huge-announcement': 'announces a buffer of 2 GiB',
  'endless-data': 'goes on sending CMD_DATA for ever',
} as const

/** What the wire does to packets and bytes. */
const WIRE_FAULTS = {
  'refuses-connection': 'nothing listens at the port',
  'never-answers': 'the connection opens, and not one byte comes back',
  'hangs-up': 'closes the connection at the first request, without a word; silent over UDP',
  'half-open': 'at some request the device forgets the connection without closing it',
  'lost-packets': 'packets vanish, in both directions',
  'doubled-packets': 'packets arrive twice, in both directions',
  'late-packets': 'packets from the device arrive late: out of order over UDP, in order over TCP',
  'torn-packets': 'the TCP stream arrives in pieces of random length',
  'single-bytes': 'the TCP stream arrives byte by byte',
  'glued-packets': 'the packets of one TCP answer arrive in one piece',
  'corrupted-bytes': 'a byte of a packet changes on the way, so that its checksum fails',
  'cut-connection': 'the connection is cut in the middle of a packet',
  'slow-20kb': 'bytes arrive at 20 KB a second (bytes a second)',
  'stray-replies': 'replies to requests that nobody made arrive between the others',
  'garbage-stream': 'random bytes arrive in place of packets',
  'web-page-at-port': 'a web server is at the address: it answers everything over TCP in HTTP, and nothing over UDP',
  'access-panel-at-port': 'an access panel is at the address: it answers everything over TCP in its own protocol',
  'trickle-for-ever': 'a large packet begins, and goes on at one byte every few seconds (ms), for ever',
} as const

/** The groups in the order of docs/virtual-device.md. */
export const FAULT_GROUPS = {
  session: SESSION_FAULTS,
  reading: READING_FAULTS,
  'changes while reading': CHANGE_FAULTS,
  events: EVENT_FAULTS,
  records: RECORD_FAULTS,
  'bulk data': BULK_FAULTS,
  wire: WIRE_FAULTS,
} as const

/**
 * Every fault and variation of a virtual device, by its stable name, with one sentence on what it does.
 * docs/virtual-device.md holds the same list; a test compares the two, both ways.
 */
export const FAULTS = {
  ...SESSION_FAULTS,
  ...READING_FAULTS,
  ...CHANGE_FAULTS,
  ...EVENT_FAULTS,
  ...RECORD_FAULTS,
  ...BULK_FAULTS,
  ...WIRE_FAULTS,
} as const

export type FaultName = keyof typeof FAULTS

/** A fault with its value: see {@link FAULT_PARAMETERS} for what the value means. */
export interface FaultSetting {
  readonly name: FaultName
  readonly value: number
}

/**
 * What the number after a fault's name means. `chance`: below 1 it is a probability, from 1 on it says "every n-th".
 * `amount`: milliseconds, records or bytes, as the sentence of the fault says in brackets.
 */
export interface FaultParameter {
  readonly kind: 'chance' | 'amount'
  readonly usual: number
}

/** The faults that take a value. A device that did it always would often be unreachable, so most have a rare default. */
export const FAULT_PARAMETERS: { readonly [name in FaultName]?: FaultParameter } = {
  'stale-session-blocks': { kind: 'amount', usual: 30_000 },
  'answers-code': { kind: 'amount', usual: 65_532 },
  'slow-prepare': { kind: 'amount', usual: 20_000 },
  'counter-too-high': { kind: 'amount', usual: 7 },
  'counter-too-low': { kind: 'amount', usual: 7 },
  'trailing-ack-late': { kind: 'amount', usual: 3_000 },
  'slow-20kb': { kind: 'amount', usual: 20_480 },
  'trickle-for-ever': { kind: 'amount', usual: 3_000 },
  'records-appended-while-reading': { kind: 'chance', usual: 0.25 },
  'events-while-reading': { kind: 'chance', usual: 1 },
  'impossible-dates': { kind: 'chance', usual: 20 },
  'zero-times': { kind: 'chance', usual: 25 },
  'duplicate-records': { kind: 'chance', usual: 10 },
  'same-second-different-codes': { kind: 'chance', usual: 10 },
  'empty-user-ids': { kind: 'chance', usual: 20 },
  'unreadable-user-ids': { kind: 'chance', usual: 20 },
  'unknown-uids': { kind: 'chance', usual: 20 },
  'slice-short': { kind: 'chance', usual: 1 },
  'slice-long': { kind: 'chance', usual: 1 },
  'announced-size-too-big': { kind: 'chance', usual: 1 },
  'announced-size-too-small': { kind: 'chance', usual: 1 },
  'slice-announcement-differs': { kind: 'chance', usual: 1 },
  'data-repeated': { kind: 'chance', usual: 1 },
  'data-out-of-order': { kind: 'chance', usual: 1 },
  'half-open': { kind: 'chance', usual: 0.05 },
  'lost-packets': { kind: 'chance', usual: 0.05 },
  'doubled-packets': { kind: 'chance', usual: 0.05 },
  'late-packets': { kind: 'chance', usual: 0.1 },
  'corrupted-bytes': { kind: 'chance', usual: 0.05 },
  'cut-connection': { kind: 'chance', usual: 0.05 },
  'stray-replies': { kind: 'chance', usual: 0.2 },
  'garbage-stream': { kind: 'chance', usual: 0.1 },
}
