import { ConfigError } from '../../base/errors.ts'

/** Where a Redis or Valkey server is, and how to log in there. Holds a secret: never print it whole. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  /** Null where the server needs none. */
  readonly password: string | null
  /** Null for the default user. */
  readonly username: string | null
  /** The number of the database on the server. */
  readonly database: number
  /** Whether the connection is encrypted, and the server proves its name by a certificate. */
  readonly tls: boolean
}

const PORT_DEFAULT = 6379
/** What the port and database number of a URL can be. The server decides how many databases there are. */
const PORT_MAX = 65_535
const DATABASE_MAX = 9_999

/**
 * Reads `redis://[[user]:password@]host[:port][/database]`, or the same with `rediss:` for TLS.
 *
 * @throws ConfigError `CONFIG_INVALID`, with nothing of the URL but its scheme, since the rest can hold the password.
 */
export function parseRedisAddress(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) throw invalid('must begin with redis:// or rediss://')
  const tls = scheme === 'rediss'
  if (!tls && scheme !== 'redis') {
    throw invalid(`begins with "${scheme}:", which Rollcall does not know: use redis:// or rediss://`)
  }
  if (url === null) {
    throw invalid('is not a URL: in a password, write %23 for #, %2F for /, %3F for ? and %40 for @')
  }
  if (url.hostname === '') throw invalid('names no host: use redis://HOST:6379')
  if (url.search !== '' || url.hash !== '') {
    throw invalid('must end after the database number: in a password, write %23 for # and %3F for ?')
  }
  const port = url.port === '' ? PORT_DEFAULT : Number(url.port)
  if (port < 1 || port > PORT_MAX) throw invalid(`must have a port from 1 to ${PORT_MAX}`)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    username: decoded(url.username) || null,
    password: decoded(url.password) || null,
    database: databaseOf(url.pathname),
    tls,
  }
}

/** `redis-1.example:6379`: the address as messages name it. */
export function placeOf(address: Pick<RedisAddress, 'host' | 'port'>): string {
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

function databaseOf(path: string): number {
  if (path === '' || path === '/') return 0
  const number = /^\/(\d{1,4})$/.exec(path)?.[1]
  if (number === undefined) throw invalid(`must have the number of a database, 0 to ${DATABASE_MAX}, after the last /`)
  return Number(number)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('has a % in its user name or password that stands for nothing: write %25 for it')
  }
}

function invalid(what: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `REDIS_URL ${what}.`)
}
