import type { InspectColor } from 'node:util'
import { styleText } from 'node:util'

/** Below this a bar would be broken over lines. */
const COLUMNS_MIN = 40
/** Who redirects the output wants whole lines, however long. */
const COLUMNS_UNLIMITED = 10_000

/** The two streams of a command: results on stdout, everything else on stderr. */
export interface Terminal {
  /** One line of the result. */
  print(line: string): void
  /** One object of the result, as one line of JSON. */
  json(object: object): void
  /** One line for whoever looks on, on stderr. */
  note(line: string): void
  /** Writes text or bytes as they stand to stdout; resolves once more may be written. Rejects never: see `closed`. */
  write(piece: string | Uint8Array): Promise<void>
  /** In colour where stdout is a terminal and `NO_COLOR` is not set. */
  style(format: InspectColor | readonly InspectColor[], text: string): string
  /** The same for stderr. */
  styleNote(format: InspectColor | readonly InspectColor[], text: string): string
  /** Whether `style` has an effect. */
  readonly hasColors: boolean
  /** Whether stdout is a terminal, before which a person sits. */
  readonly isTerminal: boolean
  /** Whether it is wide enough for a progress bar, too. */
  readonly isInteractive: boolean
  readonly columns: number
  /** Fires when nothing can be written to stdout any more: nobody reads it, as after `| head`, or the disk is full. */
  readonly closed: AbortSignal
}

/** The streams of this process. */
export function openTerminal(): Terminal {
  const { stdout, stderr } = process
  const closed = new AbortController()
  // The callback of a write hears of an error before the stream tells it, and the first one is the one that counts.
  const closeAfter = (error: Error | null | undefined) => {
    if (error) closed.abort(error)
  }
  stdout.on('error', closeAfter)
  // Without a reader of its messages a command still has its work to do.
  stderr.on('error', () => {})
  // Scripts and some containers report 0 columns, which is no width at all.
  const terminalColumns = stdout.isTTY ? stdout.columns : 0
  const columns = terminalColumns > 0 ? terminalColumns : COLUMNS_UNLIMITED
  const style = (stream: NodeJS.WriteStream) => (format: InspectColor | readonly InspectColor[], text: string) =>
    styleText(format, text, { stream })
  const put = (text: string) => {
    if (!closed.signal.aborted) stdout.write(text, closeAfter)
  }
  return {
    print: line => put(`${line}\n`),
    json: object => put(`${JSON.stringify(object)}\n`),
    note: line => stderr.write(`${line}\n`),
    write: piece =>
      new Promise(resolve => {
        if (closed.signal.aborted) return resolve()
        stdout.write(piece, error => {
          closeAfter(error)
          resolve()
        })
      }),
    style: style(stdout),
    styleNote: style(stderr),
    hasColors: style(stdout)('bold', 'x') !== 'x',
    isTerminal: stdout.isTTY === true,
    isInteractive: terminalColumns >= COLUMNS_MIN,
    columns,
    closed: closed.signal,
  }
}

/**
 * Why stdout cannot be written, in a sentence; null where it can be, and where its reader has merely gone away, who then
 * has read what was wanted.
 */
export function outputFault({ closed }: Pick<Terminal, 'closed'>): string | null {
  if (!closed.aborted) return null
  const reason: unknown = closed.reason
  if (reason instanceof Error && 'code' in reason && reason.code === 'EPIPE') return null
  return `The output cannot be written: ${reason instanceof Error ? reason.message : String(reason)}`
}

/**
 * A text that a device or a person chose, safe to show: control characters could move the cursor or repaint the screen.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
