import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** Attendance logs, and the explanation of one. */
export const attendance = {
  title: 'Attendance',
  filters: 'Filters',
  devices: 'Devices',
  allDevices: 'All devices',
  person: 'User id',
  personHint: 'Exactly as the device has it, zeros included',
  from: 'From',
  until: 'Until',
  span: 'Span',
  spans: { today: 'Today', yesterday: 'Yesterday', week: '7 days', month: '30 days' },
  clear: 'No filters',
  order: (zone: string) =>
    `The newest punch first, by the time it was made. New ones come in by themselves. “From” and “Until” are in your time zone, ${zone}.`,
  caption: 'Attendance logs',
  none: {
    title: 'There is no attendance log yet',
    text: 'What devices record is stored here, every punch once. Add a device, and its log is read.',
    viewer: 'What devices record is stored here, every punch once. An admin can add a device.',
    action: 'Add a device',
  },
  noMatch: {
    title: 'No attendance log fits these filters',
    text: 'Widen the span, or leave out a filter. A user id must be given as a whole.',
  },
  exports: {
    button: 'Export',
    hint: 'All that fits the filters, in the order in which it was stored',
    formats: { csv: 'CSV, for any program', xlsx: 'XLSX, for spreadsheets', jsonl: 'JSON Lines, for programs' },
  },
  explanation: {
    titleMeanwhile: 'Punch',
    title: (person: string, time: string) => `Punch of ${person} at ${time}`,
    summary: ({ person, device, state, verify }: { person: string; device: string; state: string; verify: string }) =>
      `${person} punched at ${device}. Punch state: ${state}. Recognised by: ${verify}.`,
    time: 'Time',
    atDevice: 'At the device',
    zone: 'Zone of the device',
    offset: 'Distance from UTC',
    instant: 'Here',
    stored: 'Stored',
    drift: 'Clock of the device then',
    ahead: (seconds: number) => plural(seconds, { one: '# second ahead', other: '# seconds ahead' }),
    behind: (seconds: number) => plural(seconds, { one: '# second behind', other: '# seconds behind' }),
    exact: 'exact to the second',
    record: 'Record of the device',
    layout: 'Layout',
    length: 'Length',
    lengthBytes: (count: number) => plural(count, { one: '# byte', other: '# bytes' }),
    bytes: 'Bytes, as they came',
    noFields: 'These bytes are no record of the log, such as those of a live event. They are kept as they came.',
    source: 'Where it comes from',
    cameBy: 'Came by',
    run: 'Run',
    runOf: (id: string) => `number ${id}`,
    runStarted: 'Began',
    runCounts: 'Its records',
    counts: (received: string, inserted: string, duplicates: string) =>
      `${received} received, ${inserted} new, ${duplicates} stored before`,
    proof: 'Proof that it was whole',
    proofs: {
      counter: (onDevice: string, before: string, after: string) =>
        `Its log holds ${onDevice} records; its counter said ${before} before and ${after} after the read. Nothing is missing.`,
      'announced-size': (onDevice: string, _before: string, _after: string) =>
        `Its log holds ${onDevice} records, as long as the device had announced. Its counter is of no use.`,
      mismatch: (onDevice: string, before: string, after: string) =>
        `Its log holds ${onDevice} records, and its counter said ${before} before and ${after} after the read. That does not agree.`,
    },
    noProof: 'not given by this run',
    noRun: 'No run: it was told live, or its run is no longer kept.',
    toDevice: 'To the device',
    toPerson: 'All punches of this person',
  },
}
