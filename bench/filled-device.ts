import { systemClock } from '../src/base/clock.ts'
import { VirtualDevice } from '../src/virtual/device.ts'
import type { VirtualDeviceOptions } from '../src/virtual/settings.ts'

/** The same log in every run and every process. */
const UNTIL = { year: 2026, month: 3, day: 2, hour: 7, minute: 0, second: 0 }

export function filledDevice(request: { records: number; options: VirtualDeviceOptions }): VirtualDevice {
  const device = new VirtualDevice(request.options, { clock: systemClock })
  device.fillLog(request.records, { until: UNTIL })
  return device
}
