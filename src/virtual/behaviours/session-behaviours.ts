import { Command, Reply } from '../../codec/binary/commands.ts'
import { decodeOptionRequest, encodeOption } from '../../codec/binary/options.ts'
import type { MakeBehaviour } from '../behaviour.ts'
import { type PeerInside, type Request, replyTo } from '../exchange.ts'

const TEN_YEARS_MS = 3_652 * 86_400_000
const FIRST_MS = Date.UTC(2000, 0, 1)

/** What opens and ends a session. */
const SESSION_COMMANDS: ReadonlySet<number> = new Set([Command.Connect, Command.Auth, Command.Exit])

/** What a session does otherwise than expected. */
export const sessionBehaviours = {
  'comm-key-always-asked': () => ({ asksForKey: true }),
  'auth-locked': () => ({
    asksForKey: true,
    answer: request => (request.command === Command.Auth ? [replyTo(request, Reply.AuthLocked)] : null),
  }),
  'encrypted-link': ({ device }) => ({
    answer: request =>
      request.command === Command.Connect
        ? [{ ...replyTo(request, Reply.EncryptedLink), sessionId: device.nextSessionId() }]
        : [],
  }),
  'menu-open': () => ({ answer: request => (request.command === Command.Connect ? [] : null) }),
  'second-connection-stalls': ({ device }) => {
    const isTaken = (by: PeerInside): boolean =>
      [...device.peers].some(peer => peer !== by && !peer.isDeaf && (peer.transport === 'tcp' || peer.session !== null))
    return {
      connected: peer => {
        if (peer.transport === 'tcp' && isTaken(peer)) peer.isDeaf = true
      },
      answer: request => (request.command === Command.Connect && isTaken(request.peer) ? [] : null),
    }
  },
  'stale-session-blocks': ({ device, value }) => {
    let blockedUntilMs = Number.NEGATIVE_INFINITY
    return {
      lost: () => {
        blockedUntilMs = device.clock.monotonicMs() + value
      },
      answer: request => {
        const isBlocked = request.command === Command.Connect && device.clock.monotonicMs() < blockedUntilMs
        return isBlocked ? [] : null
      },
    }
  },
  'no-exit-answer': ({ device }) => ({
    answer: request => {
      if (request.command !== Command.Exit) return null
      device.stats.exits++
      request.peer.finish('keep')
      return []
    },
  }),
  'exit-closes-before-ack': () => ({ alter: (reply, request) => (request.command === Command.Exit ? [] : reply) }),
  'session-id-is-packet-index': () => {
    let index = 0
    return {
      alter: (reply, request) =>
        request.command === Command.Connect ? reply : reply.map(packet => ({ ...packet, sessionId: index++ & 0xffff })),
    }
  },
  'wrong-serial': ({ device }) => ({
    answer: request => {
      if (optionAsked(request) !== '~SerialNumber') return null
      const value = `${device.settings.serialNumber.slice(0, -1)}X`
      return [replyTo(request, Reply.Ok, encodeOption({ key: '~SerialNumber', value }))]
    },
  }),
  'option-errors': () => ({
    answer: request => (optionAsked(request) === '~DeviceName' ? [replyTo(request, Reply.Error)] : null),
  }),
  'malformed-option': () => ({
    answer: request =>
      optionAsked(request) === '~SerialNumber' ? [replyTo(request, Reply.Ok, new TextEncoder().encode('none'))] : null,
  }),
  'answers-code': ({ value }) => ({
    answer: request =>
      request.peer.session === null || SESSION_COMMANDS.has(request.command) ? null : [replyTo(request, value)],
  }),
  'clock-not-told': () => ({
    answer: request => (request.command === Command.GetTime ? [replyTo(request, Reply.Error)] : null),
  }),
  'clock-far-ahead': () => ({ showTime: localMs => localMs + TEN_YEARS_MS }),
  'clock-reset-2000': ({ device }) => {
    // Setting the clock moves the time that is passed in, and so cures it, as on a real device.
    const lostMs = device.time.localMs() - FIRST_MS
    return { showTime: localMs => localMs - lostMs }
  },
} as const satisfies Record<string, MakeBehaviour>

function optionAsked(request: Request): string | null {
  return request.command === Command.OptionsRrq ? decodeOptionRequest(request.data) : null
}
