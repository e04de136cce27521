import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { VirtualDevice } from '../../src/virtual/device.ts'
import { listenVirtualDevice } from '../../src/virtual/listen.ts'
import type { Transports, VirtualDeviceOptions } from '../../src/virtual/settings.ts'
import type { Package, Told } from './stranger-client.ts'

/**
 * Packages of strangers hold a conversation with the virtual device, which was written from the protocol notes and not for them. What
 * they get right shows that the device speaks as devices do; what they get wrong is told by the name of the case.
 */
const PACKAGES: readonly Package[] = ['node-zklib', 'zkteco-js']

/** Before each packet, as old units do: it lets the two see the packets of an answer one by one, on a busy machine too. */
const PAUSE_MS = 50
/** How TCP cuts the stream decides what they see of it, and a pause does not decide that alone. */
const READS_MAX = 3

/** node-zklib waits ten seconds for what does not come, whatever timeout it is given. */
const PATIENCE_MS = 40_000

const UNTIL = { year: 2026, month: 3, day: 2, hour: 7, minute: 0, second: 0 }

interface Entry {
  readonly deviceUserId?: string | number
  readonly user_id?: string | number
  readonly localTime: string
}

interface Answer {
  readonly data: readonly Record<string, unknown>[]
  readonly err: string | null
}

interface Conversation {
  readonly device: VirtualDevice
  readonly steps: ReadonlyMap<Told['step'], unknown>
  readonly users: Answer
  readonly log: { readonly data: readonly Entry[]; readonly err: string | null }
}

describe.concurrent('over TCP', () => {
  for (const name of PACKAGES) {
    test(`${name} reads the counters, the users and a log that comes inline`, async () => {
      const { device, steps, users, log } = await converse(name, { records: 10, users: ['1', '0042', '70000'] })
      assert.equal(steps.get('connected'), 'tcp')
      assert.deepEqual(steps.get('info'), { userCounts: 3, logCounts: 10, logCapacity: device.settings.capacity })
      assert.deepEqual(
        users.data.map(({ uid, userId, name: told }) => ({ uid, userId, name: told })),
        device.users.list().map(({ uid, userId, name: known }) => ({ uid, userId, name: known })),
      )
      assert.deepEqual(log.data.map(keyOf), truthOf(device))
      assertGentle(device)
    })

    test(`${name} reads a log of one slice whose packets come one by one`, async () => {
      const { device, log } = await converseToTheEnd(name, {
        records: 1_000,
        users: ['1', '0042', '70000'],
        options: { packetPauseMs: PAUSE_MS },
      })
      assert.equal(log.err, null)
      assert.deepEqual(log.data.map(keyOf), truthOf(device))
      assertGentle(device)
    })

    test(`${name} cuts user ids after nine characters, which is its own fault, and gets the times right`, async () => {
      const { device, log } = await converse(name, {
        records: 10,
        users: ['1234567890123'],
        options: { packetPauseMs: PAUSE_MS },
      })
      assert.deepEqual([...new Set(log.data.map(userIdOf))], ['123456789'])
      assert.deepEqual(
        log.data.map(entry => entry.localTime),
        device.punches.map(punch => punch.localTime),
      )
    })

    test(`${name} takes names for ASCII, which is its own fault, and gets the others right`, async () => {
      const { users } = await converse(name, { records: 1, users: ['1', '2'], names: ['José', 'Ann'] })
      const [first, second] = users.data.map(user => user.name)
      assert.notEqual(first, 'José')
      assert.equal(second, 'Ann')
    })
  }

  test('zkteco-js reads a log of several slices, which it asks for one after the other', async () => {
    const { device, log } = await converseToTheEnd('zkteco-js', {
      records: 5_000,
      users: ['1', '0042', '70000'],
      options: { packetPauseMs: PAUSE_MS },
    })
    assert.deepEqual(log.data.map(keyOf), truthOf(device))
    assertGentle(device)
  })

  test('node-zklib finds nothing where the packets of an answer come in one read, its own fault, and says so', async () => {
    const { steps, log } = await converse('node-zklib', GLUED)
    assert.deepEqual(steps.get('info'), { userCounts: 1, logCounts: 30, logCapacity: 500_000 })
    assert.equal(log.data.length, 0)
    assert.match(log.err ?? '', /PACKETS REMAIN/)
  })

  test('zkteco-js finds nothing where the packets of an answer come in one read, its own fault, and says nothing', async () => {
    const { steps, log } = await converse('zkteco-js', GLUED)
    assert.deepEqual(steps.get('info'), { userCounts: 1, logCounts: 30, logCapacity: 500_000 })
    assert.deepEqual(log, { data: [], err: null })
  })
})

/** More than comes inline, and small enough to be one write on the device's side and one read on the other. */
const GLUED = { records: 30, users: ['1'], options: { faults: ['glued-packets'] } } as const

describe.concurrent('over UDP', () => {
  for (const records of [200, 3_000]) {
    test(`node-zklib reads ${records} records of 16 bytes, and cuts user ids to 16 bits, which is its own fault`, async () => {
      const { device, steps, users, log } = await converseToTheEnd('node-zklib', {
        records,
        users: ['1', '4711', '70000'],
        options: { profile: 'black-and-white' },
        transport: 'udp',
      })
      assert.equal(steps.get('connected'), 'udp')
      assert.deepEqual(
        users.data.map(user => user.userId),
        [1, 4711, 70_000],
      )
      const cut = device.punches.map(({ userId, localTime }) => `${Number(userId) & 0xffff} ${localTime}`)
      assert.equal(log.err, null)
      assert.deepEqual(log.data.map(keyOf), cut)
      assertGentle(device)
    })
  }

  test('node-zklib takes a log that comes inline for records of 8 bytes, its own fault, and doubles it', async () => {
    const { log } = await converse('node-zklib', {
      records: 40,
      users: ['1'],
      options: { profile: 'black-and-white' },
      transport: 'udp',
    })
    assert.equal(log.data.length, 80)
  })

  test('node-zklib takes all records over UDP for 16 bytes, its own fault, also where they have 40', async () => {
    const { log } = await converse('node-zklib', { records: 200, users: ['1'], transport: 'udp' })
    assert.equal(log.data.length, 500)
  })

  test('zkteco-js never comes to UDP, its own fault: it does not find the code of the refused TCP connection', async () => {
    const { device, steps } = await converse('zkteco-js', {
      records: 40,
      users: ['1'],
      options: { profile: 'black-and-white' },
      transport: 'udp',
    })
    assert.match(String(steps.get('failed')), /ECONNREFUSED/)
    assert.equal(device.stats.requests, 0)
  })
})

interface Scene {
  readonly records: number
  readonly users: readonly string[]
  readonly names?: readonly string[]
  readonly options?: Partial<VirtualDeviceOptions>
  readonly transport?: Transports
}

/** Again, where the log did not come whole. */
async function converseToTheEnd(name: Package, scene: Scene): Promise<Conversation> {
  for (let reads = 1; ; reads++) {
    const conversation = await converse(name, scene)
    if (conversation.log.data.length === scene.records || reads === READS_MAX) return conversation
  }
}

/** One package, in a process of its own, against one device on loopback. */
async function converse(name: Package, scene: Scene): Promise<Conversation> {
  const device = new VirtualDevice({ seed: 3, ...scene.options }, { clock: systemClock })
  scene.users.forEach((userId, i) => {
    device.addUser({ userId, name: scene.names?.[i] ?? `Person ${userId.slice(0, 1)}` })
  })
  device.fillLog(scene.records, { until: UNTIL })
  await using listener = await listenVirtualDevice(device, { transport: scene.transport ?? 'tcp' })
  const steps = await stepsOf(name, listener.port)
  const nothing = { data: [], err: null }
  const users = (steps.get('users') ?? nothing) as Answer
  const log = (steps.get('log') ?? nothing) as Conversation['log']
  return { device, steps, users, log }
}

function stepsOf(name: Package, port: number): Promise<Map<Told['step'], unknown>> {
  // A zone without changes of the clock: both packages make instants of local times.
  const child = fork(join(import.meta.dirname, 'stranger-client.ts'), [name, String(port)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, TZ: 'UTC' },
  })
  const steps = new Map<Told['step'], unknown>()
  return new Promise((resolve, reject) => {
    const patience = systemClock.after(PATIENCE_MS, () => {
      child.kill('SIGKILL')
      reject(new Error(`${name} came to no end; it told ${[...steps.keys()].join(', ') || 'nothing'}`))
    })
    child.on('message', message => {
      const { step, value } = message as Told
      steps.set(step, value)
      // What they leave open would keep the process for long.
      if (step === 'disconnected' || step === 'failed') child.kill('SIGKILL')
    })
    child.on('exit', () => {
      patience[Symbol.dispose]()
      resolve(steps)
    })
  })
}

function userIdOf(entry: Entry): string {
  return String(entry.deviceUserId ?? entry.user_id)
}

function keyOf(entry: Entry): string {
  return `${userIdOf(entry)} ${entry.localTime}`
}

function truthOf(device: VirtualDevice): string[] {
  return device.punches.map(({ userId, localTime }) => `${userId} ${localTime}`)
}

/** They asked for nothing that a test must not ask of a device either, and said goodbye. */
function assertGentle(device: VirtualDevice): void {
  const { stats } = device
  assert.deepEqual(
    [stats.disables, stats.clears, stats.markerMoves, stats.badChecksums, stats.droppedRequests],
    [0, 0, 0, 0, 0],
  )
  assert.equal(stats.sessionsWithoutExit, 0)
}
