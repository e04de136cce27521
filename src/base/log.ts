/** Extra values of a log line. Never a comm key, password, token or the bytes of an authentication. */
export type LogFields = Record<string, string | number | boolean | null | undefined>

/** Where layers tell what they do. Implementations write lines; nothing below `app` knows where to. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
