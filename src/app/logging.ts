import { pino } from 'pino'
import type { Clock } from '../base/clock.ts'
import type { Log, LogFields } from '../base/log.ts'
import type { LogConfig } from './config.ts'
import { RollingFile } from './rolling-file.ts'

/** Fields of these names never reach a file, whoever passes them by mistake. */
const SECRET_FIELDS = ['commKey', 'comm_key', 'password', 'token', 'secret', 'apiKey', 'authorization']

const LEVEL_NAMES: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' }

/**
 * Opens the log file of this installation. A line that cannot be written never stops the work: the first failure is
 * told to `onFault`, and the next line is tried again.
 */
export function openLog(
  config: LogConfig,
  parts: { clock: Pick<Clock, 'now'>; onFault: (error: Error) => void },
): Log & Disposable {
  const file = new RollingFile({ directory: config.directory, name: 'rollcall', clock: parts.clock })
  let faultTold = false
  const write = (entry: string) => {
    try {
      file.write(config.format === 'json' ? entry : formatLine(entry, config.channel))
    } catch (error) {
      if (!faultTold) parts.onFault(error instanceof Error ? error : new Error(String(error)))
      faultTold = true
    }
  }
  const logger = pino(
    {
      level: config.level,
      base: { channel: config.channel },
      messageKey: 'message',
      redact: { paths: SECRET_FIELDS, censor: '[secret]' },
      timestamp: () => `,"time":"${new Date(parts.clock.now()).toISOString()}"`,
      formatters: { level: label => ({ level: LEVEL_NAMES[label] ?? label }) },
    },
    { write },
  )
  const at =
    (level: LogConfig['level']) =>
    (message: string, fields: LogFields = {}) =>
      logger[level](fields, message)
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  }
}

/** `[2025-12-08 14:35:22] local.INFO: Device Main Entrance synced: 3 new logs {"runId":7}` from pino's JSON entry. */
function formatLine(entry: string, channel: string): string {
  const { level, time, message, channel: _, ...fields } = JSON.parse(entry) as Record<string, unknown>
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''
  return `[${localTimeOf(String(time))}] ${channel}.${level}: ${onOneLine(String(message))}${rest}\n`
}

/** The wall clock of this machine, as a person who reads the file expects. */
function localTimeOf(instant: string): string {
  const date = new Date(instant)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A name that a device or a person chose must not be able to begin a line of its own. */
function onOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}
