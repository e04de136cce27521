/** What a virtual device has seen, for tests that must know how it was treated. */
export class DeviceStats {
  /** Connections accepted: TCP connections, and UDP addresses that sent a packet. */
  connections = 0
  /** TCP connections open now, and the most that were ever open at once. UDP has none. */
  openConnections = 0
  maxOpenConnections = 0
  /** Sessions opened by `CMD_CONNECT`; open until `CMD_EXIT` or until their TCP connection is gone. */
  sessions = 0
  openSessions = 0
  maxOpenSessions = 0
  exits = 0
  /** Requests that reached the device, by command, those included that it then dropped. */
  readonly requestsByCommand = new Map<number, number>()
  requests = 0
  badChecksums = 0
  /** Requests dropped in silence: an unknown session, or a reply id lower than the last. */
  droppedRequests = 0
  /** Requests that came again and were answered from memory. */
  repeatedRequests = 0
  refusedKeys = 0
  disables = 0
  enables = 0
  clears = 0
  /** Deletions of everything, users included, and writes of single users. */
  wipes = 0
  userWrites = 0
  timeWrites = 0
  restarts = 0
  /** How often something was asked that moves a "downloaded up to here" marker on the device. */
  markerMoves = 0
  eventsSent = 0
  eventsAcknowledged = 0
  /** Punches that were not stored because the log was full or the device was disabled. */
  refusedPunches = 0
  bytesSent = 0
  bytesReceived = 0

  requestsOf(command: number): number {
    return this.requestsByCommand.get(command) ?? 0
  }

  /** Sessions that were not ended by `CMD_EXIT`, those included that are still open. */
  get sessionsWithoutExit(): number {
    return this.sessions - this.exits
  }

  countRequest(command: number): void {
    this.requests++
    this.requestsByCommand.set(command, this.requestsOf(command) + 1)
  }

  countConnection(transport: 'tcp' | 'udp'): void {
    this.connections++
    if (transport === 'udp') return
    this.openConnections++
    this.maxOpenConnections = Math.max(this.maxOpenConnections, this.openConnections)
  }

  countSession(): void {
    this.sessions++
    this.openSessions++
    this.maxOpenSessions = Math.max(this.maxOpenSessions, this.openSessions)
  }
}
