import { lengthText } from '../lengths.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')
const numbers = new Intl.NumberFormat('en')

const STAGES: Readonly<Record<string, string>> = {
  address: 'Address',
  port: 'Port',
  handshake: 'Greeting',
  'comm-key': 'Comm key',
  identity: 'Model and serial number',
  firmware: 'Firmware',
  clock: 'Clock',
  counters: 'Counters and memory',
  record: 'A record of the log',
  punch: 'A punch',
}

/** Test Connection, of a device or of settings that are not saved. */
export const connectionTest = {
  title: 'Test Connection',
  stages: 'Stages of the test',
  stageName: (stage: string) => STAGES[stage] ?? stage,
  status: {
    waiting: 'To come',
    running: 'Under way',
    ok: 'OK',
    warning: 'Warning',
    failed: 'Failed',
    skipped: 'Skipped',
  },
  severity: { failed: 'Cause', warning: 'Warning', note: 'Note' },
  nextStep: 'What to do',
  took: (ms: number) => `${numbers.format(ms)} ms`,
  waitingFor: (holder: string) =>
    `Another process talks to the device now (${holder}). The test begins when it has ended.`,
  underWay: (stage: string | null, done: number) =>
    stage === null
      ? `The test is under way: ${plural(done, { one: '# stage done', other: '# stages done' })}.`
      : `The test is under way: ${stage}.`,
  ended: {
    finished: 'The test has ended.',
    failed: 'The test could not be done.',
    stopped: 'The test was ended early.',
  },
  results: {
    ok: 'The device can be read',
    warning: 'It works, and something is worth a look',
    failed: 'Something does not work',
  },
  found: ({
    unit,
    records,
    users,
    driftS,
  }: {
    unit: string
    records: number | null
    users: number | null
    driftS: number | null
  }) =>
    [
      unit === '' ? null : unit,
      records === null ? null : plural(records, { one: '# attendance record', other: '# attendance records' }),
      users === null ? null : plural(users, { one: '# person', other: '# people' }),
      driftS === null
        ? null
        : driftS === 0
          ? 'clock right'
          : `clock ${lengthText('en', Math.abs(driftS) * 1000)} ${driftS > 0 ? 'ahead' : 'behind'}`,
    ]
      .filter(each => each !== null)
      .join(' · '),
  touch: {
    title: 'Touch the device now',
    text: 'The rest of the test is done. Put a finger, card or face to the device: the punch should arrive here within a second. It also stays in the log of the device.',
    left: (seconds: number) => plural(seconds, { one: '# second left', other: '# seconds left' }),
    skip: 'I cannot touch it now',
  },
  stop: 'End the test',
  again: 'Test again',
  againWithPunch: 'Test again, with a punch',
}
