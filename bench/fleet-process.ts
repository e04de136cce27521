import { systemClock } from '../src/base/clock.ts'
import { VirtualDevice } from '../src/virtual/device.ts'
import { listenVirtualDevice } from '../src/virtual/listen.ts'

/** Many virtual devices in one process, each on a port of its own: tells the ports, and how it stands whenever it is asked. */
export interface FleetRequest {
  readonly devices: number
  /** In the log of each. */
  readonly records: number
}

export interface FleetState {
  readonly ports: readonly number[]
  readonly openConnections: number
  readonly requests: number
  readonly sessionsWithoutExit: number
}

const request = JSON.parse(process.argv[2] ?? '{}') as FleetRequest

const fleet: Array<{ device: VirtualDevice; port: number }> = []
for (let seed = 1; seed <= request.devices; seed++) {
  const device = new VirtualDevice({ seed }, { clock: systemClock })
  device.fillLog(request.records)
  const { port } = await listenVirtualDevice(device, { transport: 'tcp' })
  fleet.push({ device, port })
}

process.on('message', () => process.send?.(state()))
process.on('disconnect', () => process.exit(0))
process.send?.(state())

function state(): FleetState {
  const sum = (of: (device: VirtualDevice) => number) => fleet.reduce((total, { device }) => total + of(device), 0)
  return {
    ports: fleet.map(({ port }) => port),
    openConnections: sum(({ stats }) => stats.openConnections),
    requests: sum(({ stats }) => stats.requests),
    sessionsWithoutExit: sum(({ stats }) => stats.sessionsWithoutExit),
  }
}
