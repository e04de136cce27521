import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** The frame around each page, and what several pages say. */
export const shell = {
  skip: 'Skip to the content',
  pages: {
    overview: 'Overview',
    devices: 'Devices',
    attendance: 'Attendance',
    queue: 'Queue',
    quarantine: 'Quarantine',
    settings: 'Settings',
  },
  menu: 'Menu',
  documentation: 'API documentation',
  theme: { label: 'Theme', light: 'Light', dark: 'Dark', auto: 'As the system' },
  language: 'Language',
  signedInAs: (name: string, role: string) => `${name}, ${role}`,
  roles: { admin: 'Admin', viewer: 'Viewer' },
  signOut: 'Sign out',
  link: { live: 'Live', connecting: 'Connecting', lost: 'Not live', closed: 'Paused' },
  lost: {
    title: 'Live updates are interrupted',
    since: (time: string) =>
      `Since ${time} this page has heard nothing from the server. What you see may be old. It goes on by itself as soon as the server answers, and nothing is missed.`,
    tryNow: 'Try now',
  },
  states: {
    online: 'Online',
    late: 'Late',
    down: 'Down',
    new: 'New',
    paused: 'Paused',
  },
  ago: { never: 'never', justNow: 'just now' },
  problem: {
    title: 'This could not be read',
    refused: 'This was not done',
    away: 'The server does not answer. It is asked again when it is back.',
    awayForChange: 'The server does not answer. Do it again when it is back.',
    defect: 'The server met a defect. Its log file says more.',
    retry: 'Try again',
  },
  loading: 'Loading',
  more: 'Show more',
  allShown: (count: number) => plural(count, { one: '# row, which is all', other: '# rows, which are all' }),
  viewerOnly: 'You have the role of a viewer: an admin can change this.',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  done: 'Done',
  showSecret: 'Show what is typed',
  copy: 'Copy',
  copied: 'Copied',
  yes: 'Yes',
  no: 'No',
  unknown: 'not known',
  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or what it named has been removed.',
    home: 'To the overview',
  },
  crash: {
    title: 'This page met a defect',
    text: 'Nothing is lost: what was stored stays stored. Load the page again; if it comes back, tell us what stands below.',
    reload: 'Load again',
  },
}
