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
  states: {} as Readonly<Record<string, string>>,
  verifyModes: {} as Readonly<Record<string, string>>,
  sources: { poll: 'poll', live: 'live', push: 'push' },
}
