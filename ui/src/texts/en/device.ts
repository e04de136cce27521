import { lengthText } from '../lengths.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')
const numbers = new Intl.NumberFormat('en')
const seconds = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** The page of one device. */
export const device = {
  title: 'Device',
  missing: {
    title: 'No such device',
    lead: 'There is no device with this number',
    text: 'It may have been removed, or the address may be mistyped.',
    back: 'To the devices',
  },
  sync: 'Sync now',
  syncing: 'Syncing',
  syncTold: {
    started: 'The sync has begun. New punches appear as they are stored.',
    running: 'A sync of this device is under way already.',
  },
  test: 'Test Connection',
  pause: 'Pause',
  resume: 'Resume',
  paused: 'Paused: the device is not read until you resume it. It keeps its punches meanwhile.',
  resumed: 'Resumed: the device is read again.',
  standing: 'How the device stands',
  nextStep: 'What to do',
  more: 'More about this device',
  progress: {
    label: 'Progress of the sync',
    begins: 'The sync begins',
    records: (received: string, total: string) => `${received} of ${total} records read`,
  },
  facts: {
    lastPunch: 'Last punch',
    lastContact: 'Last contact',
    logs: 'Attendance logs stored',
    memory: 'Memory of the device',
    clock: 'Clock',
    quarantined: 'Quarantine',
    records: (count: number) => plural(count, { one: '# record', other: '# records' }),
    address: 'Address',
    transport: 'Transport',
    timezone: 'Time zone',
    model: 'Model',
    firmware: 'Firmware',
    serial: 'Serial number',
    mode: 'How punches come',
    layout: 'Record layout',
    commKey: 'Comm key is set',
    setsClock: 'Clock is set by Rollcall',
    tags: 'Tags',
    noTags: 'none',
    added: 'Added',
  },
  sections: 'Parts of this page',
  tabs: {
    logs: 'Attendance logs',
    runs: 'Runs',
    coverage: 'Coverage',
    people: 'People',
    clock: 'Clock',
    settings: 'Settings',
  },
  logs: {
    caption: (name: string) => `Attendance logs of ${name}, the newest first`,
    empty: 'No attendance logs yet',
    emptyText: 'They come with the first sync, and from then on by themselves. If nothing comes, test the connection.',
  },
  runs: {
    caption: (name: string) => `Runs of ${name}, the newest first`,
    empty: 'This device has not been read yet',
    emptyText: 'A run is one read of its log. Sync it now, or wait for the schedule.',
    begun: 'Begun',
    result: 'Result',
    read: 'What was read',
    records: 'Records',
    proof: 'Count proof',
    took: (ms: number) => `took ${seconds.format(ms / 1000)} s`,
    states: { ok: 'OK', failed: 'Failed', open: 'Not ended' },
    modes: { full: 'The whole log', tail: 'The end of the log', unchanged: 'Nothing: the counter had not moved' },
    because: {
      'first-read': 'nothing was known of this log',
      'asked-for': 'somebody asked for it',
      'comparison-due': 'the daily comparison',
      'last-run-failed': 'the last run failed',
      'log-full': 'the log is full, and may replace old records',
      'counter-fell': 'the device counts fewer records than before',
      'firmware-changed': 'the firmware has changed',
      'log-changed': 'the end of the log is not what it was',
      'slice-not-honoured': 'the device does not send parts of its log',
      'never-buffered': 'the firmware sends its log only as a whole',
      'small-log': 'the log fits into one packet',
    },
    counts: (sum: { received: number; inserted: number; duplicates: number; quarantined: number }) =>
      `${numbers.format(sum.received)} received = ${numbers.format(sum.inserted)} new + ${numbers.format(sum.duplicates)} known + ${numbers.format(sum.quarantined)} in quarantine`,
    proofs: {
      counter: ({ records, before, after }: { records: number; before: number; after: number }) =>
        before === after
          ? `Proven: ${numbers.format(records)} records, as many as the device counts`
          : `Proven: ${numbers.format(records)} records; the device counted ${numbers.format(before)} before and ${numbers.format(after)} after`,
      'announced-size': ({ records }: { records: number }) =>
        `Proven by the size that the device announced: ${numbers.format(records)} records; it has no counter to compare`,
      mismatch: ({ records, before, after }: { records: number; before: number; after: number }) =>
        `Does not close: ${numbers.format(records)} records, and the device counted ${numbers.format(before)} before and ${numbers.format(after)} after`,
      none: () => 'No proof: the read did not come to its end',
    },
  },
  coverage: {
    empty: 'Nothing is proven yet',
    emptyText: 'After the first whole read it stands here for which time every punch is stored, and where gaps are.',
    list: 'Stretches of time, the newest first',
    bar: (complete: number, gaps: number) =>
      `${plural(complete, { one: '# complete stretch', other: '# complete stretches' })} and ${plural(gaps, { one: '# gap', other: '# gaps' })}; the list below has each`,
    hatched: 'Hatched: gaps. Very short stretches are drawn wider than they are.',
    kinds: { complete: 'Complete', gap: 'Gap' },
    now: 'now',
    span: (from: string, until: string) => `${from} – ${until}`,
    length: (ms: number) => lengthText('en', ms),
    why: 'Why',
    missing: 'What may be missing',
  },
  people: {
    caption: (name: string) => `People on ${name}`,
    empty: 'Nobody is known on this device yet',
    emptyText: 'Names are read from the device together with its log.',
    userId: 'User ID',
    name: 'Name',
    noName: 'no name',
    slot: 'Slot',
    firstSeen: 'First seen',
    lastSeen: 'Last seen',
  },
  clock: {
    caption: (name: string) => `Clock readings of ${name}, the newest first`,
    empty: 'The clock has not been read yet',
    emptyText: 'It is read with each sync, and compared with the clock of the server.',
    drift: (driftS: number) =>
      driftS === 0 ? 'right' : `${lengthText('en', Math.abs(driftS) * 1000)} ${driftS > 0 ? 'ahead' : 'behind'}`,
    chart: ({
      from,
      until,
      least,
      most,
      sets,
    }: {
      from: string
      until: string
      least: string
      most: string
      sets: number
    }) =>
      `From ${from} until ${until} the clock was between ${least} and ${most}${sets === 0 ? '' : `, and was set ${plural(sets, { one: 'once', other: '# times' })} (circles)`}.`,
    readAt: 'When',
    localTime: 'The device said',
    driftTitle: 'Drift',
    what: 'What',
    kinds: { read: 'read', set: 'set by Rollcall' },
  },
  settings: {
    saved: 'The settings are saved.',
    unchanged: 'Nothing was changed.',
    leave: 'What you changed in the settings is not saved. Leave it behind?',
  },
  remove: {
    title: 'Remove this device',
    text: 'Everything that was read from it goes with it. To keep what is stored and only stop reading, pause it instead.',
    verb: 'Remove device',
    question: (name: string) => `Remove ${name}?`,
    effect: ({ logs, quarantined }: { logs: number; quarantined: number }) =>
      `${plural(logs, { one: '# attendance log', other: '# attendance logs' })}, ${plural(quarantined, { one: '# open record in quarantine', other: '# open records in quarantine' })}, and all its runs, people and clock readings will be gone. This cannot be undone. What the device still holds stays on it.`,
    done: (name: string) => `${name} is removed.`,
  },
}
