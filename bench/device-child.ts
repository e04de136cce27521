import type { Transports, VirtualDeviceOptions } from '../src/virtual/settings.ts'
import { startChild } from './child.ts'

export interface DeviceRequest {
  readonly records: number
  readonly transport: Transports
  readonly options: VirtualDeviceOptions
}

/** What the device is asked: how it stands, or to have people punch, each somebody else. */
export type DeviceOrder = 'state' | { readonly punches: number; readonly everyMs: number }

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
  /** Requests, each of which it answers, but for the acknowledgements of events. */
  readonly requests: number
  /** Those of them that open a session: `CMD_CONNECT` and `CMD_AUTH`. */
  readonly greetings: number
  readonly bytesSent: number
  readonly eventsAcknowledged: number
}

/** A punch, and when it happened on the clock of {@link machineMs}. */
export interface MadePunch {
  readonly userId: string
  readonly localTime: string
  readonly atMs: number
}

export interface DeviceChild extends AsyncDisposable {
  readonly port: number
  state(): Promise<DeviceState>
  /** Has `punches` made, with pauses of half to one and a half times `everyMs`, and tells them once all are made. */
  punch(order: { punches: number; everyMs: number }): Promise<MadePunch[]>
}

/** Starts a virtual device with a filled log in a process of its own, listening on a free port of this machine. */
export async function startDevice(
  request: { records: number } & Partial<Omit<DeviceRequest, 'records'>>,
): Promise<DeviceChild> {
  const whole: DeviceRequest = { transport: 'tcp', options: { seed: 1 }, ...request }
  const child = startChild('device-process.ts', [JSON.stringify(whole)])
  const { port } = await child.told<DeviceState>()
  return {
    port,
    state: () => child.ask<DeviceState>('state' satisfies DeviceOrder),
    punch: order => child.ask<MadePunch[]>(order satisfies DeviceOrder),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}

/** Milliseconds since this machine was started: the same clock in all its processes, which nobody sets. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
