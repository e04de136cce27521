import { RollcallError } from '../base/errors.ts'
import type { Cli } from './command.ts'

/** More than this on stdin is not a comm key. */
const STDIN_CHARACTERS_MAX = 1000

/** What stands in the help of every command that takes one. */
export const COMM_KEY_HELP =
  'number that opens a connection, from the device menu; "-" reads it from stdin, so that it is in no process list'

/** The same where the environment is asked too. */
export const COMM_KEY_HELP_WITH_ENVIRONMENT = `${COMM_KEY_HELP} (or set ROLLCALL_COMM_KEY)`

/**
 * The comm key of an option, of stdin for `-`, or of the variable `ROLLCALL_COMM_KEY` where a command looks there; null
 * where none is given. Messages never repeat it.
 */
export async function readCommKey(
  given: string | undefined,
  sources: { environment?: Cli['environment'] },
): Promise<number | null> {
  if (given === '-') return parseCommKey(await readStdin(), 'on stdin')
  if (given !== undefined) return parseCommKey(given, '--comm-key')
  const variable = sources.environment?.ROLLCALL_COMM_KEY
  return variable ? parseCommKey(variable, 'ROLLCALL_COMM_KEY') : null
}

function parseCommKey(text: string, where: string): number {
  const digits = text.trim()
  const commKey = Number(digits)
  if (/^\d{1,10}$/.test(digits) && commKey <= 0xffff_ffff) return commKey
  const what = where === 'on stdin' ? 'The comm key on stdin' : where
  throw new RollcallError('COMM_KEY_RANGE', `${what} must be a whole number from 0 to 4294967295.`)
}

async function readStdin(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > STDIN_CHARACTERS_MAX || text.includes('\n')) break
  }
  return text
}
