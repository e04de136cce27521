import { createInterface } from 'node:readline/promises'
import { usageError } from './arguments.ts'

/** What cannot be taken back is asked, unless `--yes` was given. @throws ConfigError where nobody can be asked. */
export function requireAnswer(command: string, { yes }: { yes?: true }): void {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY
  if (!yes && !canAsk) throw usageError(`${command} needs --yes where nobody can be asked.`)
}

/** Asks a person on stderr. Everything but a yes is a no, and so is what fires `signal`. */
export async function confirm(question: string, signal?: AbortSignal): Promise<boolean> {
  using lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl+C and Ctrl+D reject it, and are a no.
  const answer = await lines.question(`${question} [y/N] `, signal ? { signal } : {}).catch(() => '')
  return /^y(es)?$/i.test(answer.trim())
}
