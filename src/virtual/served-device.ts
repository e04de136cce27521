import type { Transports } from './settings.ts'
import type { WireHost, WirePeer } from './wire.ts'

/** A device that can be put on sockets or on a simulated network: a virtual one, or one that is played back. */
export interface ServedDevice extends WireHost {
  readonly settings: { readonly transports: Transports }
  readonly refusesConnections: boolean
  /** The peer of one TCP connection, or of one UDP address and port: over UDP the same key gives the same peer. */
  connect(transport: 'tcp' | 'udp', key: string): WirePeer
  /** Calls `watcher` whenever {@link refusesConnections} may have changed. */
  watchFaults(watcher: () => void): Disposable
}
