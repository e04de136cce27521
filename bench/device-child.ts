import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Transports, VirtualDeviceOptions } from '../src/virtual/settings.ts'

export interface DeviceRequest {
  readonly records: number
  readonly transport: Transports
  readonly options: VirtualDeviceOptions
}

/** What the device tells of itself and of how it was treated. */
export interface DeviceState {
  readonly port: number
  readonly records: number
  readonly openConnections: number
  readonly sessionsWithoutExit: number
  readonly disables: number
  readonly markerMoves: number
  readonly clears: number
  readonly slices: number
}

export interface DeviceChild extends AsyncDisposable {
  readonly port: number
  state(): Promise<DeviceState>
}

/** Starts a virtual device with a filled log in a process of its own, listening on a free port of this machine. */
export async function startDevice(
  request: { records: number } & Partial<Omit<DeviceRequest, 'records'>>,
): Promise<DeviceChild> {
  const whole: DeviceRequest = { transport: 'tcp', options: { seed: 1 }, ...request }
  const child = fork(join(import.meta.dirname, 'device-process.ts'), [JSON.stringify(whole)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const nextState = async (): Promise<DeviceState> => {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the process of the device ended with ${code}`)
    })
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message as DeviceState
  }
  const { port } = await nextState()
  return {
    port,
    state: () => {
      const told = nextState()
      child.send('state')
      return told
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
