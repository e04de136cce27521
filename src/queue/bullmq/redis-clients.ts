import { isIP } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'
import { QueueError, RollcallError } from '../../base/errors.ts'
import { placeOf, type RedisAddress } from './redis-address.ts'

/** A server that takes a connection and then says nothing for so long is out of reach. A blocking read lasts at most 10 s. */
const SILENCE_MS_MAX = { call: 5_000, work: 15_000 } as const
/** How long a connection may take to come about. */
const CONNECT_MS_MAX = { call: 4_000, work: 10_000 } as const

/** How often a copy of a connection tries by itself; where the server was away, it is told when it is back. */
const COPY_RETRY_MS = 5_000

export type NewRedis = (options: RedisOptions) => Redis

/**
 * The connections of one user of the server, closed together. None is ever the cause of a crash or of lines on stderr: what
 * goes wrong is told by the calls, and by the events of the connection.
 */
export class RedisClients implements Disposable {
  readonly #address: RedisAddress
  readonly #newRedis: NewRedis
  readonly #open = new Set<Redis>()

  constructor(options: { address: RedisAddress; newRedis?: NewRedis | undefined }) {
    this.#address = options.address
    this.#newRedis = options.newRedis ?? (settings => new Redis({ ...settings, replyMapping: 'legacy' }))
  }

  /** Connects when it is told to. Its calls fail at once while it is not connected, and within seconds where it is lost. */
  forCalls(): Redis {
    return this.#adopt(
      this.#newRedis({
        ...this.#common('call'),
        lazyConnect: true,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
        retryStrategy: () => null,
      }),
    )
  }

  /**
   * Connects at once, and again for ever. Its calls wait until it is connected.
   *
   * `onAway` is told each time that it cannot be connected or is lost, and says after how many milliseconds to try again;
   * `onBack` when it is connected. The copies that BullMQ makes of it follow it.
   */
  forWork(told: { onAway: (error: Error) => number; onBack: () => void }): Redis {
    const client = this.#adopt(this.#newRedis({ ...this.#common('work'), maxRetriesPerRequest: null }))
    let lastError: unknown = new Error('Connection is closed.')
    client.on('error', error => {
      lastError = error
    })
    client.options.retryStrategy = () => told.onAway(asQueueError(lastError, this.#address))
    const copies = new Set<Redis>()
    const { duplicate } = client
    client.duplicate = options => {
      const copy = this.#adopt(duplicate.call(client, { ...options, retryStrategy: () => COPY_RETRY_MS }))
      copies.add(copy)
      return copy
    }
    client.on('ready', () => {
      told.onBack()
      for (const copy of copies) if (copy.status === 'reconnecting') copy.connect().catch(() => {})
    })
    return client
  }

  /** Cuts all connections. Calls that are under way fail. */
  [Symbol.dispose](): void {
    for (const client of this.#open) {
      // ioredis 6.0.0 forgets the calls of a connection that is cut between two attempts; in the middle of one they fail.
      if (client.status === 'reconnecting') client.connect().catch(() => {})
      client.disconnect()
    }
    this.#open.clear()
  }

  #common(use: 'call' | 'work'): RedisOptions {
    return {
      ...connectionOptions(this.#address),
      connectTimeout: CONNECT_MS_MAX[use],
      socketTimeout: SILENCE_MS_MAX[use],
    }
  }

  #adopt(client: Redis): Redis {
    this.#open.add(client)
    client.on('error', () => {})
    return client
  }
}

/** The settings of ioredis for an address. */
export function connectionOptions(address: RedisAddress): RedisOptions {
  return {
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username !== null && { username: address.username }),
    ...(address.password !== null && { password: address.password }),
    // A certificate names hosts; for a number Node checks it by itself, and must not be told one.
    ...(address.tls && { tls: isIP(address.host) ? {} : { servername: address.host } }),
  }
}

/**
 * What a call of ioredis or BullMQ failed with, as an error of the project; errors of the project and defects pass as they
 * are. The original is not kept as the cause: it carries the command, and that of a login holds the password.
 */
export function asQueueError(error: unknown, address: RedisAddress): Error {
  if (error instanceof RollcallError || error instanceof TypeError || error instanceof RangeError) return error
  return new QueueError(
    'QUEUE_UNAVAILABLE',
    `the queue at ${placeOf(address)} cannot be used: ${reasonOf(error, address)}`,
  )
}

const REASONS: ReadonlyArray<readonly [pattern: RegExp, reason: string]> = [
  [/ECONNREFUSED/, 'connection refused'],
  [/ENOTFOUND|EAI_AGAIN/, 'the host name has no address'],
  [/EHOSTUNREACH|ENETUNREACH/, 'the network has no route to it'],
  [/ETIMEDOUT|Socket timeout|Command timed out/, 'no answer in time'],
  [/WRONGPASS|invalid (?:username-)?password/i, 'it refuses the user name or password'],
  [/NOAUTH/, 'it wants a password'],
  [/^OOM\b/, 'its memory is full'],
  [/^READONLY\b/, 'it is a replica, which takes no writes'],
  [/^MISCONF\b/, 'it cannot write its data to disk'],
  [/LOADING/, 'it is still loading its data'],
  [/ECONNRESET|EPIPE|Connection is closed|Command aborted|isn't writeable/, 'the connection was cut'],
]

function reasonOf(error: unknown, address: RedisAddress): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const text = error instanceof Error ? error.message : String(error)
  const known = REASONS.find(([pattern]) => pattern.test(code) || pattern.test(text))
  if (known) return known[1]
  return address.password === null ? text : text.replaceAll(address.password, '***')
}
