import { readFileSync } from 'node:fs'
import { ConfigError } from '../base/errors.ts'

/** Where a database server is, and how to log in there. Holds a secret: never print it whole. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** The Unix socket, or for PostgreSQL its folder; then `host` and `port` are only a name. Null: over TCP. */
  readonly socket: string | null
  readonly user: string
  /** Null where the server needs none. */
  readonly password: string | null
  readonly database: string
  readonly tls: TlsSetting | null
}

/** How the connection is encrypted; null in an address: not at all. */
export interface TlsSetting {
  /** Whether the server has to prove its name by a certificate. */
  readonly isVerified: boolean
  /** Certificates that are trusted in place of those that Node brings. */
  readonly authority: string | null
}

const PORT_MAX = 65_535
const PARAMETERS = ['sslmode', 'sslrootcert', 'socket']

/**
 * Reads `postgres://[user[:password]@]host[:port]/database`, or the same with `mysql:`. After a `?` may follow `sslmode`
 * (`disable`, `require`: encrypted, `verify-full`: and proven), `sslrootcert` (a file) and `socket` (a path).
 *
 * @throws ConfigError `CONFIG_INVALID`, with nothing of the URL but its scheme, since the rest can hold the password.
 */
export function parseServerAddress(text: string, defaults: { port: number; user: string }): ServerAddress {
  const scheme = /^[a-z]+/i.exec(text)?.[0]?.toLowerCase() ?? 'postgres'
  const form = `${scheme}://USER:PASSWORD@HOST/DATABASE`
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !text.includes('://')) {
    throw invalid(`is not a URL such as ${form}: in a password, write %23 for #, %2F for /, %3F for ? and %40 for @`)
  }
  if (url.hash !== '') throw invalid('must end after the database: in a password, write %23 for #')
  const unknown = [...url.searchParams.keys()].find(name => !PARAMETERS.includes(name))
  if (unknown !== undefined) {
    throw invalid(`may have ${PARAMETERS.join(', ')} after the ?, and nothing else: in a password, write %3F for ?`)
  }
  const socket = url.searchParams.get('socket')
  if (url.hostname === '' && socket === null) throw invalid(`names no host: use ${form}`)
  const database = decoded(url.pathname.slice(1))
  if (database === '' || database.includes('/')) throw invalid(`names no database: use ${form}`)
  const port = url.port === '' ? defaults.port : Number(url.port)
  if (port < 1 || port > PORT_MAX) throw invalid(`must have a port from 1 to ${PORT_MAX}`)
  return {
    host: decoded(url.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port,
    socket,
    user: decoded(url.username) || defaults.user,
    password: decoded(url.password) || null,
    database,
    tls: tlsOf(url.searchParams),
  }
}

/** `db.example:5432/hr`: the address as messages name it. */
export function shownAddress(address: ServerAddress): string {
  const { host, port, socket, database } = address
  const place = socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
  return `${place}/${database}`
}

function tlsOf(parameters: URLSearchParams): TlsSetting | null {
  const mode = parameters.get('sslmode') ?? 'disable'
  const file = parameters.get('sslrootcert')
  switch (mode) {
    case 'disable':
      if (file !== null) throw invalid('has sslrootcert without sslmode=verify-full')
      return null
    case 'require':
    case 'verify-full':
      return { isVerified: mode === 'verify-full', authority: file === null ? null : readAuthority(file) }
    default:
      throw invalid('must have sslmode=disable, sslmode=require or sslmode=verify-full')
  }
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError('CONFIG_INVALID', `The file that sslrootcert of DATABASE_URL names cannot be read: ${file}`, {
      cause,
    })
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('has a % in its user name, password or database that stands for nothing: write %25 for it')
  }
}

function invalid(what: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `DATABASE_URL ${what}.`)
}
