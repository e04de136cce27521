import { ConfigError } from '../base/errors.ts'
import { listenVirtualDevice, type VirtualListener } from '../virtual/listen.ts'
import type { ServedDevice } from '../virtual/served-device.ts'

/** Where a simulated device listens, as typed. */
export interface ListenAt {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly transport: 'tcp' | 'udp' | 'both'
}

/** Puts a device at an address of this machine. @throws ConfigError naming the option that cannot be used. */
export async function listenAtOptions(device: ServedDevice, options: ListenAt): Promise<VirtualListener> {
  const { host, port, transport } = options
  try {
    return await listenVirtualDevice(device, { host, port, transport })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EADDRINUSE') {
      throw new ConfigError('CONFIG_INVALID', `--port ${port} is in use: choose another, or 0 for any free one.`, {
        cause: error,
      })
    }
    if (code === 'EACCES')
      throw new ConfigError('CONFIG_INVALID', `--port ${port} is not allowed here.`, { cause: error })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new ConfigError('CONFIG_INVALID', `--listen ${host} is no address of this machine.`, { cause: error })
    }
    throw error
  }
}

/** Until somebody ends it. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
