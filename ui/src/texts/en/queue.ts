import { pluralOf } from '../plural.ts'

const plural = pluralOf('en')

/** Jobs of syncing that workers share. */
export const queue = {
  title: 'Queue',
  about:
    'Jobs that workers share: one job syncs one device. Polling by “rollcall start” reads devices by itself and needs none.',
  choose: 'Jobs that are shown',
  states: { waiting: 'Waiting', active: 'Active', failed: 'Failed' },
  captions: { waiting: 'Jobs that wait', active: 'Jobs that run', failed: 'Jobs that failed' },
  device: 'Device',
  unknownDevice: (id: string) => `Device ${id}`,
  queued: 'Queued',
  started: 'Started',
  failed: 'Failed',
  notBefore: 'Not before',
  atOnce: 'at once',
  tries: 'Tries',
  error: 'Error of the last try',
  noError: 'none',
  retry: 'Retry',
  retryOf: (device: string) => `Retry: ${device}`,
  retryAll: (count: number) => plural(count, { one: 'Retry the failed job', other: 'Retry all # failed jobs' }),
  retryAllTitle: 'Put failed jobs back?',
  retryAllEffect: (count: number) =>
    plural(count, {
      one: '# job waits again, with all its tries. A worker runs it as soon as it is free.',
      other: '# jobs wait again, with all their tries. Workers run them as soon as they are free.',
    }),
  retried: (count: number) => plural(count, { one: '# job waits again', other: '# jobs wait again' }),
  away: {
    title: 'The queue does not answer',
    text: 'How many jobs wait, run or have failed is not known now. See whether the server of the queue (REDIS_URL) runs; no job is lost meanwhile.',
  },
  none: {
    waiting: {
      title: 'No job waits',
      text: 'The queue is for fleets that several workers sync: attendance:live-sync fills it, queue:work empties it. Polling by “rollcall start” needs none.',
    },
    active: { title: 'No job runs', text: 'A job is here while a worker (queue:work) syncs its device.' },
    failed: {
      title: 'No job has failed',
      text: 'A job fails after three tries, or at once where trying again cannot help. It stays here until it is retried.',
    },
  },
}
