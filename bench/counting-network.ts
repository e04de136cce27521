import { type LinkHandlers, type Network, nodeNetwork } from '../src/client/network.ts'

/** What went over TCP, as the client sees it. */
export interface Traffic {
  /** Pieces sent: the client sends each request as one. */
  sends: number
  bytesReceived: number
}

/** The network of this machine, counted. */
export class CountingNetwork implements Network {
  readonly traffic: Traffic = { sends: 0, bytesReceived: 0 }
  readonly openUdp = nodeNetwork.openUdp

  async openTcp(...[address, handlers, signal]: Parameters<Network['openTcp']>): ReturnType<Network['openTcp']> {
    const { traffic } = this
    const counted: LinkHandlers = {
      onEnd: error => handlers.onEnd(error),
      onData: bytes => {
        traffic.bytesReceived += bytes.length
        handlers.onData(bytes)
      },
    }
    const link = await nodeNetwork.openTcp(address, counted, signal)
    return {
      close: () => link.close(),
      send: bytes => {
        traffic.sends++
        link.send(bytes)
      },
    }
  }
}
