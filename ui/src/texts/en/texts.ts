import { attendance } from './attendance.ts'
import { connectionTest } from './connection-test.ts'
import { device } from './device.ts'
import { deviceForm } from './device-form.ts'
import { devices } from './devices.ts'
import { entry } from './entry.ts'
import { logs } from './logs.ts'
import { newDevice } from './new-device.ts'
import { overview } from './overview.ts'
import { quarantine } from './quarantine.ts'
import { queue } from './queue.ts'
import { settings } from './settings.ts'
import { shell } from './shell.ts'

/** Everything that the pages say in English. The other languages have the same shape, which the type check holds. */
export const en = {
  attendance,
  connectionTest,
  device,
  deviceForm,
  devices,
  entry,
  logs,
  newDevice,
  overview,
  quarantine,
  queue,
  settings,
  shell,
}

export type Texts = typeof en
