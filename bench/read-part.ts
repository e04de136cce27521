import assert from 'node:assert/strict'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import { nodeNetwork } from '../src/client/network.ts'
import { PollDriver } from '../src/drivers/poll/poll-driver.ts'
import type { Device } from '../src/model/device.ts'
import type { Punch } from '../src/model/punch.ts'
import { startDevice } from './device-child.ts'
import { floorExchange } from './floor-exchange.ts'
import { compare, resultLines } from './measure.ts'
import type { Part, Sizes } from './part.ts'

const TARGET = 2
const LOCAL_TIME_CHARACTERS = 19
/** As the engine asks for them. */
const BATCH_ROWS = 100

/** From nothing to decoded punches, over loopback: our driver beside the bare exchange. */
export const readPart: Part = {
  title: sizes => `read: ${sizes.records} records of 40 bytes over loopback TCP, decoded`,
  async run(sizes: Sizes): Promise<string[]> {
    await using device = await startDevice({ records: sizes.records })
    const { port } = device
    const results = await compare(
      [
        {
          name: 'floor: bare exchange into typed arrays',
          round: measure =>
            measure(async () => {
              const columns = await floorExchange(port)
              assert.equal(columns.count, sizes.records)
            }),
        },
        {
          name: 'ours, and all times as text',
          round: measure =>
            measure(async () => {
              let characters = 0
              await readPunches(port, punch => {
                characters += punch.localTime.length
              })
              assert.equal(characters, sizes.records * LOCAL_TIME_CHARACTERS)
            }),
        },
        {
          name: 'ours: PollDriver, every record a punch',
          round: measure => measure(async () => assert.equal(await readPunches(port), sizes.records)),
        },
      ],
      sizes,
    )
    const state = await device.state()
    assert.deepEqual([state.disables, state.markerMoves, state.clears, state.sessionsWithoutExit], [0, 0, 0, 0])
    return resultLines(results, TARGET)
  },
}

/** Reads the log as a sync does. Gives the number of punches, and each of them to `take`. */
export async function readPunches(port: number, take?: (punch: Punch) => void): Promise<number> {
  const signal = new AbortController().signal
  const driver = new PollDriver({
    network: nodeNetwork,
    base: { clock: systemClock, random: systemRandom, log: silentLog },
  })
  await using open = await driver.open(deviceAt(port), 0, signal)
  const counters = await open.readCounters(signal)
  await open.identify({ serialNumber: null, model: null, firmware: null }, signal)
  const request = { counters, rememberedLayout: null, tail: null, compareWith: null, onProgress: () => {} }
  const log = await open.readLog(request, signal)
  let punches = 0
  for (const batch of log.batches({ size: BATCH_ROWS, people: [] })) {
    punches += batch.punches.length
    if (take) for (const punch of batch.punches) take(punch)
  }
  return punches
}

function deviceAt(port: number): Device {
  return {
    id: 1,
    name: 'Bench',
    host: '127.0.0.1',
    port,
    transport: 'tcp',
    provenTransport: null,
    timezone: 'UTC',
    tags: [],
    isActive: true,
    isLive: false,
    setsClock: false,
    liveState: null,
    recordsOnDevice: null,
    peopleReadAt: null,
    logCapacity: null,
    serialNumber: null,
    model: null,
    firmware: null,
    hasCommKey: false,
    lastSyncedAt: null,
    lastError: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
  }
}
