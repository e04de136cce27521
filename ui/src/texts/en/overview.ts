import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** The page of that name. */
export const overview = {
  counts: 'The fleet in numbers',
  quarantined: 'Quarantined',
  failedJobs: 'Failed jobs',
  queueAway: 'Queue does not answer',
  attention: {
    title: 'These need somebody',
    nobody: 'Nobody is needed now: no device is down or late.',
    all: (count: number) =>
      plural(count, { one: 'The # device that is down or late', other: 'All # devices that are down or late' }),
    heard: 'Last contact',
  },
  today: {
    title: 'Punches today',
    total: (count: number) => plural(count, { one: '# punch', other: '# punches' }),
    hour: 'Hour',
    punches: 'Punches',
    now: 'now',
    bar: (hour: string, punches: string) => `${hour}: ${punches}`,
    bars: 'Punches by hour. The arrow keys go from hour to hour; Enter shows its attendance logs.',
    table: (day: string) => `Punches by hour, ${day}`,
  },
  tail: {
    title: 'Newest punches',
    caption: 'The newest punches of all devices',
    all: 'All attendance logs',
    empty: 'No punches yet',
    emptyText: 'They stand here as soon as the first device has been read, and new ones come in while you look.',
  },
  empty: {
    title: 'No devices yet',
    text: 'Rollcall reads the attendance logs of biometric devices. Add the first one: you need its address in the network and, where one is set, its comm key.',
    viewer: 'Rollcall reads the attendance logs of biometric devices. Ask an admin to add the first one.',
    add: 'Add the first device',
  },
}
