import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** Records that cannot be punches. */
export const quarantine = {
  title: 'Quarantine',
  about:
    'Records that cannot be punches are kept here with their bytes and the reason: nothing is dropped, nothing is guessed.',
  state: 'Which records',
  states: { open: 'Open', dismissed: 'Dismissed' },
  device: 'Device',
  allDevices: 'All devices',
  unknownDevice: (id: string) => `Device ${id}`,
  captions: { open: 'Records that nobody has dismissed', dismissed: 'Records that were dismissed' },
  reason: 'Reason',
  /** By the code of the server. */
  reasons: {
    IMPOSSIBLE_DATE: 'The date does not exist in the calendar, such as 31 April',
    NO_TIME: 'The time is zero, all ones, or past the year 2099',
    EMPTY_USER_ID: 'The record names nobody',
    UNREADABLE_USER_ID: 'The user id holds bytes that are not printable text',
    UNKNOWN_UID: 'The record carries only a slot number, and the device has nobody in that slot',
    AMBIGUOUS_UID: 'The record carries only a slot number, and the slot changed hands around that time',
    SAME_SECOND: 'The same person punched twice in this second with different codes; the first is stored',
  } as Readonly<Record<string, string>>,
  bytes: 'Bytes',
  came: 'Came',
  dismissed: 'Dismissed',
  dismissedBy: (who: string) => `by ${who}`,
  actions: 'Actions',
  choose: (id: string) => `Choose record ${id}`,
  chooseAll: 'Choose all that are shown',
  decode: 'Decode again',
  decodeOf: (id: string) => `Decode again: record ${id}`,
  decoded: {
    title: (id: string) => `Record ${id}, decoded again`,
    outcomes: {
      stored: 'It is a punch after all',
      duplicate: 'It is a punch that was stored already',
      quarantined: 'It still cannot be a punch',
      undecodable: 'No layout fits its bytes',
    },
    layout: (name: string) => `Layout: ${name}`,
    toLog: 'To the attendance log',
  },
  dismiss: {
    verb: (count: number) => plural(count, { one: 'Dismiss # record', other: 'Dismiss # records' }),
    effect: (count: number) =>
      plural(count, {
        one: 'The record stays, with your name and this note, and is no longer open. No punch is made of it.',
        other: 'The # records stay, with your name and this note, and are no longer open. No punch is made of them.',
      }),
    note: 'Why',
    noteHint: 'Kept with the record and in the audit log, such as: test punches of the installer',
    done: (count: number) => plural(count, { one: '# record was dismissed', other: '# records were dismissed' }),
  },
  none: {
    open: {
      title: 'Nothing is in quarantine',
      text: 'Every record that devices have sent so far is a punch, or was looked at. One that cannot be a punch appears here by itself.',
    },
    dismissed: {
      title: 'No record was dismissed',
      text: 'A record that was looked at and dismissed stays here for ever.',
    },
  },
}
