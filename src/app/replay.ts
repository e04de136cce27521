import type { Base } from '../base/base.ts'
import { CodecError } from '../base/errors.ts'
import { ReplayedDevice } from '../virtual/replay/replayed-device.ts'
import { listenAtOptions, untilAborted } from './device-listener.ts'
import { readTraceFile } from './trace-file.ts'

export interface ReplayOptions {
  /** The file of the trace. */
  readonly path: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
}

export interface ReplayStarted {
  readonly event: 'replay.listening'
  readonly host: string
  readonly port: number
  /** What was recorded. */
  readonly transport: 'tcp' | 'udp' | 'both'
  /** Requests that it can answer. */
  readonly exchanges: number
}

/**
 * Plays the device of a trace back on real sockets until the signal fires.
 *
 * @throws ConfigError naming the option or file that cannot be used; CodecError `TRACE_INVALID`.
 */
export async function replayDevice(
  options: ReplayOptions,
  parts: { base: Pick<Base, 'clock'>; onStart: (started: ReplayStarted) => void },
  signal: AbortSignal,
): Promise<{ readonly connections: number }> {
  const { path, host } = options
  const device = await deviceOf(path, parts.base)
  const transport = device.settings.transports
  await using listener = await listenAtOptions(device, { host, port: options.port, transport })
  const { exchangeCount: exchanges } = device
  parts.onStart({ event: 'replay.listening', host, port: listener.port, transport, exchanges })
  await untilAborted(signal)
  return { connections: device.stats.connections }
}

async function deviceOf(path: string, parts: Pick<Base, 'clock'>): Promise<ReplayedDevice> {
  const trace = await readTraceFile(path)
  try {
    return new ReplayedDevice(trace, parts)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw new CodecError(error.code, `${path}: ${error.message}`, { cause: error })
  }
}
