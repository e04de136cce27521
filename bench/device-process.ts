import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../src/base/random.ts'
import { Command } from '../src/codec/binary/commands.ts'
import { listenVirtualDevice } from '../src/virtual/listen.ts'
import { type DeviceOrder, type DeviceRequest, type DeviceState, type MadePunch, machineMs } from './device-child.ts'
import { filledDevice } from './filled-device.ts'

/**
 * The process of {@link startDevice}: a virtual device apart from what is measured, so that its work is nobody's CPU time.
 * Tells its port when it listens, and what it is asked for; ends when its parent is gone.
 */
const request = JSON.parse(process.argv[2] ?? '{}') as DeviceRequest
/** Above the ids of the people who fill the log. */
const FIRST_USER_ID = 100_000

const device = filledDevice(request)
const listener = await listenVirtualDevice(device, { transport: request.transport })
const random = seededRandom(request.options.seed)
let userId = FIRST_USER_ID

process.on('message', (order: DeviceOrder) => {
  if (order === 'state') process.send?.(state())
  else void punch(order).then(made => process.send?.(made))
})
process.on('disconnect', () => process.exit(0))
process.send?.(state())

async function punch(order: { punches: number; everyMs: number }): Promise<MadePunch[]> {
  const made: MadePunch[] = []
  for (let i = 0; i < order.punches; i++) {
    if (order.everyMs > 0) await sleep(order.everyMs * (0.5 + random.float()))
    const atMs = machineMs()
    const punch = device.punch({ userId: String(userId++) })
    if (!punch?.localTime) throw new Error('the device refused a punch')
    made.push({ userId: punch.userId, localTime: punch.localTime, atMs })
  }
  return made
}

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
    slices: stats.requestsOf(Command.ReadBuffer),
    requests: stats.requests,
    greetings: stats.requestsOf(Command.Connect) + stats.requestsOf(Command.Auth),
    bytesSent: stats.bytesSent,
    eventsAcknowledged: stats.eventsAcknowledged,
  }
}
