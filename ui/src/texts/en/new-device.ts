/** The page on which a device is added. */
export const newDevice = {
  title: 'Add a device',
  lead: 'The connection is tested before anything is saved: you see what works, and what to do where it does not.',
  steps: { form: '1. Where the device is', test: '2. Test Connection' },
  test: 'Test Connection',
  testing: (name: string, address: string) => `${name} at ${address}`,
  save: 'Save device',
  saveAnyway: 'Save all the same',
  back: 'Back to the settings',
  saved: (name: string) => `${name} is saved, and is read now.`,
}
