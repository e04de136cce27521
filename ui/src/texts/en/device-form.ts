/** The settings of a device in a form, saved or not. */
export const deviceForm = {
  name: { label: 'Name', hint: 'What people call it, such as the door where it hangs.', missing: 'Give it a name.' },
  host: {
    label: 'Address',
    hint: 'IP address or host name.',
    missing: 'Give the address of the device.',
  },
  port: { label: 'Port', hint: 'Mostly 4370.', wrong: 'A whole number from 1 to 65535.' },
  commKey: {
    label: 'Comm key',
    hintNew: 'The number in the Comm. settings of the device. Leave it empty if there is none.',
    hintChange: 'The new one replaces what is stored; 0 removes it. It is never shown.',
    set: 'There is one. It is never shown.',
    none: 'There is none.',
    change: 'Change',
    wrong: 'A whole number from 0 to 4294967295.',
  },
  transport: {
    label: 'Transport',
    hint: 'Automatic tries TCP, then UDP.',
    choices: { auto: 'Automatic', tcp: 'TCP', udp: 'UDP' },
  },
  timezone: { label: 'Time zone', hint: 'The zone that the clock of the device shows.' },
  live: {
    label: 'Live punches',
    hint: 'Listens to the device, so that punches come within seconds. Polling goes on all the same.',
  },
  setsClock: {
    label: 'Set its clock',
    hint: 'Sets the clock of the device where it is wrong. It is the only thing that Rollcall changes on a device.',
  },
  tags: {
    label: 'Tags',
    hint: 'To find devices by, such as a building. Press Enter after each.',
    placeholder: 'Add a tag',
  },
}
