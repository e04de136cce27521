import { Command } from '../../codec/binary/commands.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import { attendanceEventData, eventPacket } from '../events.ts'
import type { DeviceInside, OutgoingPacket, PeerInside } from '../exchange.ts'
import { isTransfer } from '../transfer.ts'
import { preparesAttendance } from './reading-behaviours.ts'

/** What happens to the log while somebody reads it. */
export const changeBehaviours = {
  'records-appended-while-reading': ({ device, strikes }) => ({
    afterwards: request => {
      const isBetween = request.command !== Command.Connect && request.command !== Command.Exit
      if (isBetween && strikes()) device.punchBySomebody()
    },
  }),
  'record-appended-after-sizes': ({ device }) => ({
    afterwards: request => {
      if (request.command === Command.GetFreeSizes) device.punchBySomebody()
    },
  }),
  'record-appended-after-prepare': ({ device }) => ({
    afterwards: request => {
      if (preparesAttendance(request)) device.punchBySomebody()
    },
  }),
  'record-appended-between-slices': ({ device }) => ({
    afterwards: request => {
      if (request.command === Command.ReadBuffer) device.punchBySomebody()
    },
  }),
  'log-cleared-after-sizes': ({ device }) => clearedOnceAfter(Command.GetFreeSizes, device),
  'log-cleared-while-reading': ({ device }) => clearedOnceAfter(Command.ReadBuffer, device),
  'events-while-reading': ({ device, strikes }) => ({
    alter: (reply, request) => {
      if (!isTransfer(reply) || !strikes()) return reply
      const event = eventOfPunch(device, request.peer)
      // Behind the announcement and the first packet of data.
      return event === null ? reply : [...reply.slice(0, 2), event, ...reply.slice(2)]
    },
  }),
} as const satisfies Record<string, MakeBehaviour>

/** A buffer that was prepared goes with the log: it may be the file itself. */
function clearedOnceAfter(command: number, device: DeviceInside): ReturnType<MakeBehaviour> {
  let hasHappened = false
  return {
    afterwards: request => {
      if (request.command !== command || hasHappened) return
      hasHappened = true
      device.clearLog()
      for (const { session } of device.peers) if (session !== null) session.buffer = null
    },
  }
}

/** Somebody punches. Gives the event as this peer gets it, or would get it if it had asked. */
function eventOfPunch(device: DeviceInside, peer: PeerInside): OutgoingPacket | null {
  let data: Uint8Array | null = null
  const [told] = peer.collect(() => {
    const punch = device.punchBySomebody()
    if (punch === null) return
    const draft = { ...punch, packedTime: device.time.packed() }
    data = attendanceEventData(draft, device.settings.eventBytes)
  })
  return told ?? (data === null ? null : eventPacket(data, 0))
}
