import { listenVirtualDevice } from '../src/virtual/listen.ts'
import type { DeviceRequest, DeviceState } from './device-child.ts'
import { filledDevice } from './filled-device.ts'

/**
 * The process of {@link startDevice}: a virtual device apart from what is measured, so that its work is nobody's CPU time.
 * Tells its port when it listens, and its state when asked; ends when its parent is gone.
 */
const request = JSON.parse(process.argv[2] ?? '{}') as DeviceRequest

const device = filledDevice(request)
const listener = await listenVirtualDevice(device, { transport: request.transport })

process.on('message', () => process.send?.(state()))
process.on('disconnect', () => process.exit(0))
process.send?.(state())

function state(): DeviceState {
  const { stats } = device
  return {
    port: listener.port,
    records: device.recordCount,
    openConnections: stats.openConnections,
    sessionsWithoutExit: stats.sessionsWithoutExit,
    disables: stats.disables,
    markerMoves: stats.markerMoves,
    clears: stats.clears,
    slices: stats.requestsOf(1504),
  }
}
