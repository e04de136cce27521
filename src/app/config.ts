import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from '../base/errors.ts'
import { parseRedisAddress, type RedisAddress } from '../queue/bullmq/redis-address.ts'
import { parseServerAddress, type ServerAddress } from '../store/server-address.ts'
import { COMPARISON_DEFAULT, type ComparisonSettings } from '../sync/comparison.ts'

/** Everything that an operator can set from outside, checked. docs/configuration.md explains each variable. */
export interface Config {
  /** Absolute. Holds the database, the log files and the generated secret, unless told otherwise. */
  readonly storageDir: string
  readonly database: DatabaseConfig
  readonly queue: QueueConfig
  readonly log: LogConfig
  readonly comparison: ComparisonSettings
  readonly web: WebConfig
}

/** Where the web interface and the API listen. */
export interface WebConfig {
  readonly host: string
  readonly port: number
  /** Addresses and networks of the proxies in front, whose word on the caller counts; none unless named. */
  readonly trustProxy: readonly string[]
}

/** Where punches are kept: a file at an absolute path, or a database on a server. */
export type DatabaseConfig =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres' | 'mysql'; readonly address: ServerAddress }

/** Where sync jobs are queued: a table of the database, or BullMQ on a Redis or Valkey server. */
export type QueueConfig = { readonly engine: 'embedded' } | { readonly engine: 'redis'; readonly address: RedisAddress }

const DATABASE_FORMS = 'sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE'

/** Longer than any log lasts that is cleared each month. */
const COMPARE_DAYS_MAX = 31

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogConfig {
  /** Absolute folder of `rollcall.log` and its older days. */
  readonly directory: string
  /** The word before the level in a line, `local` in `local.INFO`. */
  readonly channel: string
  readonly level: LogLevel
  readonly format: 'line' | 'json'
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment of the process with the `.env` file of the working directory behind it: a variable of the real
 * environment always wins, even when it is empty.
 *
 * @throws ConfigError `CONFIG_INVALID` when there is a `.env` that cannot be read.
 */
export function readEnvironment(options: { environment: Environment; workingDirectory: string }): Environment {
  const path = join(options.workingDirectory, '.env')
  try {
    return { ...parseEnv(readFileSync(path, 'utf8')), ...options.environment }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return options.environment
    throw new ConfigError('CONFIG_INVALID', `The file ${path} cannot be read.`, { cause: error })
  }
}

/** Checks an environment. Paths in it are relative to the working directory; an empty variable counts as unset. */
export function readConfig(options: { environment: Environment; workingDirectory: string }): Config {
  const { environment, workingDirectory } = options
  const storageDir = resolve(workingDirectory, environment.ROLLCALL_STORAGE || 'storage')
  const databaseUrl = environment.DATABASE_URL
  return {
    storageDir,
    database: databaseUrl
      ? parseDatabaseUrl(databaseUrl, workingDirectory)
      : { engine: 'sqlite', path: join(storageDir, 'rollcall.db') },
    queue: readQueue(environment.REDIS_URL),
    log: {
      directory: join(storageDir, 'logs'),
      channel: readChannel(environment.ROLLCALL_ENV || 'local'),
      level: readLevel(environment.LOG_LEVEL || 'info'),
      format: readFormat(environment.LOG_FORMAT || 'line'),
    },
    comparison: {
      everyDays: readCompareDays(environment.ROLLCALL_COMPARE_DAYS),
      quietHours: readQuietHours(environment.ROLLCALL_QUIET_HOURS),
    },
    web: {
      host: environment.ROLLCALL_HOST?.trim().replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
      port: readPort(environment.ROLLCALL_PORT || '8370'),
      trustProxy: readProxies(environment.ROLLCALL_TRUST_PROXY ?? ''),
    },
  }
}

/**
 * Reads `sqlite:PATH`, `postgres://…` or `mysql://…`. A URL can carry a password, so that no message repeats more than its scheme.
 *
 * @throws ConfigError `CONFIG_INVALID`.
 */
export function parseDatabaseUrl(url: string, workingDirectory: string): DatabaseConfig {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? []
  switch (scheme.toLowerCase()) {
    case 'sqlite':
      return { engine: 'sqlite', path: sqlitePath(rest, workingDirectory) }
    case 'postgres':
    case 'postgresql':
      return { engine: 'postgres', address: parseServerAddress(url, { port: 5432, user: userInfo().username }) }
    case 'mysql':
    case 'mariadb':
      return { engine: 'mysql', address: parseServerAddress(url, { port: 3306, user: userInfo().username }) }
    case '':
      throw invalid(`DATABASE_URL must begin with the name of a database engine: use ${DATABASE_FORMS}.`)
    default:
      throw invalid(`DATABASE_URL begins with "${scheme}:", which Rollcall does not know: use ${DATABASE_FORMS}.`)
  }
}

function sqlitePath(rest: string, workingDirectory: string): string {
  const path = rest.startsWith('///') ? rest.slice(2) : rest
  if (path.startsWith(':memory:')) {
    throw invalid('DATABASE_URL cannot be a database in memory, which would be gone after the command: give a path.')
  }
  if (path === '' || path.startsWith('//')) {
    throw invalid('DATABASE_URL needs a path: sqlite:PATH from the working directory, or sqlite:/PATH from the root.')
  }
  return resolve(workingDirectory, path)
}

function readQueue(url: string | undefined): QueueConfig {
  return url ? { engine: 'redis', address: parseRedisAddress(url) } : { engine: 'embedded' }
}

function readCompareDays(text: string | undefined): number {
  if (!text) return COMPARISON_DEFAULT.everyDays
  if (/^\d{1,2}$/.test(text) && Number(text) <= COMPARE_DAYS_MAX) return Number(text)
  throw invalid(
    `ROLLCALL_COMPARE_DAYS must be a whole number of days, 1 to ${COMPARE_DAYS_MAX}, or 0 for never, not "${text}".`,
  )
}

function readQuietHours(text: string | undefined): ComparisonSettings['quietHours'] {
  if (!text) return COMPARISON_DEFAULT.quietHours
  const [, from, to] = (/^(\d{1,2})-(\d{1,2})$/.exec(text) ?? []).map(Number)
  if (from !== undefined && to !== undefined && from < 24 && to <= 24 && from !== to) return { from, to: to % 24 }
  throw invalid(`ROLLCALL_QUIET_HOURS must be two hours of the day such as 1-5 or 22-4, not "${text}".`)
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw invalid(`ROLLCALL_PORT must be a whole number from 1 to 65535, not "${text}".`)
}

/** Every address that is trusted can say who the caller is, so that nothing but addresses is taken. */
function readProxies(text: string): string[] {
  const proxies = text.split(',').map(proxy => proxy.trim())
  return proxies
    .filter(proxy => proxy !== '')
    .map(proxy => {
      const [address = '', bits, ...more] = proxy.split('/')
      const bitsMax = isIP(address) === 6 ? 128 : 32
      const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= bitsMax)
      if (isIP(address) !== 0 && isNetwork && more.length === 0) return proxy
      throw invalid(
        `ROLLCALL_TRUST_PROXY must be addresses such as 10.0.0.5 or 10.0.0.0/24, with commas, not "${proxy}".`,
      )
    })
}

function readChannel(text: string): string {
  if (/^[\w.-]{1,40}$/.test(text)) return text
  throw invalid('ROLLCALL_ENV must be one short word of letters, digits, "-", "_" and ".".')
}

function readLevel(text: string): LogLevel {
  const name = text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()
  const level = LOG_LEVELS.find(known => known === name)
  if (level) return level
  throw invalid(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${text}".`)
}

function readFormat(text: string): 'line' | 'json' {
  if (text === 'line' || text === 'json') return text
  throw invalid(`LOG_FORMAT must be line or json, not "${text}".`)
}

function invalid(message: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', message)
}
