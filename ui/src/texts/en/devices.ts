import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** The page of that name. */
export const devices = {
  add: 'Add device',
  table: 'Devices, and how each stands',
  columns: {
    name: 'Device',
    state: 'State',
    beats: 'Last runs',
    last_punch: 'Last punch',
    last_contact: 'Last contact',
    records: 'Records',
    memory: 'Memory',
    drift: 'Clock',
  },
  filters: {
    label: 'Filters',
    search: 'Search',
    searchHint: 'Name, address, serial number, tag',
    state: 'State',
    anyState: 'Any state',
    tag: 'Tag',
    anyTag: 'Any tag',
    sort: 'Sort by',
    turn: 'Turn the order around',
    clear: 'Show all devices',
  },
  beats: {
    none: 'no runs yet',
    summary: (runs: number, parts: string) => `${plural(runs, { one: 'Last run', other: 'Last # runs' })}: ${parts}`,
    counts: {
      ok: (count: number) => plural(count, { other: '# good' }),
      failed: (count: number) => plural(count, { other: '# failed' }),
      interrupted: (count: number) => plural(count, { other: '# interrupted' }),
      running: (count: number) => plural(count, { other: '# under way' }),
    },
    states: { ok: 'good', failed: 'failed', interrupted: 'interrupted', running: 'under way' },
    inserted: (count: number) => plural(count, { one: '# new log', other: '# new logs' }),
  },
  clock: {
    right: 'right',
    ahead: (time: string) => `${time} ahead`,
    behind: (time: string) => `${time} behind`,
  },
  fullIn: (days: number) => plural(days, { one: 'full in # day', other: 'full in # days' }),
  fullSoon: 'full within a day',
  count: (count: number) => plural(count, { one: '# device', other: '# devices' }),
  countOf: (shown: number, all: number) =>
    `${plural(shown, { other: '#' })} of ${plural(all, { one: '# device', other: '# devices' })}`,
  select: {
    one: (name: string) => `Select ${name}`,
    all: (count: number) => plural(count, { one: 'Select the # device shown', other: 'Select all # devices shown' }),
    selected: (count: number) => plural(count, { other: '# selected' }),
    clear: 'Select none',
    bar: 'What is done with the selected devices',
  },
  actions: {
    sync: 'Sync now',
    pause: 'Pause',
    resume: 'Resume',
    pauseTitle: (count: number) => plural(count, { one: 'Pause # device?', other: 'Pause # devices?' }),
    pauseActive: (count: number) =>
      plural(count, {
        one: '# device is not read any more until somebody resumes it. Its punches stay in its memory meanwhile, and are stored afterwards, as far as it still holds them.',
        other:
          '# devices are not read any more until somebody resumes them. Their punches stay in their memory meanwhile, and are stored afterwards, as far as they still hold them.',
      }),
    pausePaused: (count: number) => plural(count, { one: '# is paused already.', other: '# are paused already.' }),
    pauseNone: 'All of them are paused already: nothing changes.',
    outcome: {
      started: (count: number) => plural(count, { one: '# sync begins.', other: '# syncs begin.' }),
      running: (count: number) => plural(count, { one: '# is under way already.', other: '# are under way already.' }),
      paused: (count: number) => plural(count, { one: '# device paused.', other: '# devices paused.' }),
      resumed: (count: number) => plural(count, { one: '# device resumed.', other: '# devices resumed.' }),
      unchanged: (count: number) => plural(count, { one: '# stood so already.', other: '# stood so already.' }),
      inactive: (count: number) =>
        plural(count, {
          one: '# is paused and was not synced: resume it first.',
          other: '# are paused and were not synced: resume them first.',
        }),
      not_found: (count: number) =>
        plural(count, { one: '# has been removed meanwhile.', other: '# have been removed meanwhile.' }),
    },
  },
  empty: {
    title: 'No devices yet',
    text: 'A device that you add is read at once, and then every few minutes. You need its address in the network and, where one is set, its comm key.',
    viewer: 'An admin can add the first one.',
  },
  noneFits: {
    title: 'No device fits',
    text: 'None has this state, tag or text in its name, address or serial number.',
  },
}
