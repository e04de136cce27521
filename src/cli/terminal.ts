import type { InspectColor } from 'node:util'
import { styleText } from 'node:util'

/** Below this a bar would be broken over lines; scripts and some containers report 0 columns. */
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
  /** Writes text as it stands to stdout; resolves once more may be written. Rejects never: see `closed`. */
  write(text: string): Promise<void>
  /** In colour where stdout is a terminal and `NO_COLOR` is not set. */
  style(format: InspectColor | readonly InspectColor[], text: string): string
  /** The same for stderr. */
  styleNote(format: InspectColor | readonly InspectColor[], text: string): string
  /** Whether stdout is a terminal, before which a person sits. */
  readonly isTerminal: boolean
  /** Whether it is wide enough for a progress bar, too. */
  readonly isInteractive: boolean
  readonly columns: number
  /** Fires when nobody reads stdout any more, as after `| head`. */
  readonly closed: AbortSignal
}

/** The streams of this process. */
export function openTerminal(): Terminal {
  const { stdout, stderr } = process
  const closed = new AbortController()
  stdout.on('error', error => closed.abort(error))
  // Without a reader of its messages a command still has its work to do.
  stderr.on('error', () => {})
  const columns = stdout.isTTY ? stdout.columns : COLUMNS_UNLIMITED
  const style = (stream: NodeJS.WriteStream) => (format: InspectColor | readonly InspectColor[], text: string) =>
    styleText(format, text, { stream })
  const put = (text: string) => {
    if (!closed.signal.aborted) stdout.write(text)
  }
  return {
    print: line => put(`${line}\n`),
    json: object => put(`${JSON.stringify(object)}\n`),
    note: line => stderr.write(`${line}\n`),
    write: text =>
      new Promise(resolve => {
        if (closed.signal.aborted) return resolve()
        // The callback comes with an error too, and the error has its own listener above.
        stdout.write(text, () => resolve())
      }),
    style: style(stdout),
    styleNote: style(stderr),
    isTerminal: stdout.isTTY === true,
    isInteractive: stdout.isTTY === true && columns >= COLUMNS_MIN,
    columns,
    closed: closed.signal,
  }
}

/**
 * A text that a device or a person chose, safe to show: control characters could move the cursor or repaint the screen.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
