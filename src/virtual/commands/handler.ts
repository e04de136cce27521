import type { DeviceInside, OutgoingPacket, Request } from '../exchange.ts'

/** What the plain device does with one command. */
export type Handler = (request: Request, device: DeviceInside) => OutgoingPacket[]
