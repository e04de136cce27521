/** The published entry `rollcall/client`: speak to a ZKTeco device over TCP or UDP. */
export type { Conversation, Listen, Request } from './conversation.ts'
export type { Counters } from './conversations.ts'
export { readCounters, readFirmware, readOption, readTime } from './conversations.ts'
export { type ClientOptions, DeviceClient } from './device-client.ts'
export { type Address, type Link, type LinkHandlers, type Network, nodeNetwork } from './network.ts'
export type { BlockProgress, BlockRequest } from './read-block.ts'
export type { SessionCounters } from './session.ts'
export { type TraceSink, tracingNetwork } from './trace/tracing-network.ts'
