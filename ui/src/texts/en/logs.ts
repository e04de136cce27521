/** Attendance logs in a table, wherever one stands. */
export const logs = {
  time: 'Time at the device',
  person: 'Person',
  device: 'Device',
  state: 'Punch',
  verify: 'Recognised by',
  source: 'Came by',
  arrived: 'Stored',
  explain: (time: string, person: string) => `Explain the punch of ${person} at ${time}`,
  /** What the server calls a punch state. */
  states: {
    in: 'in',
    out: 'out',
    'break out': 'break out',
    'break in': 'break in',
    'overtime in': 'overtime in',
    'overtime out': 'overtime out',
    none: 'none',
  } as Readonly<Record<string, string>>,
  /** What the server calls a verify mode. */
  verifyModes: { password: 'password', finger: 'finger', card: 'card', face: 'face' } as Readonly<
    Record<string, string>
  >,
  sources: { poll: 'poll', live: 'live', push: 'push' },
  fields: { caption: 'Decoded fields', name: 'Field', value: 'Value', meaning: 'Meaning' },
}
