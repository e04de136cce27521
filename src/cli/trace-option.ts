/** Of every command that talks to devices. */
export const TRACE_OPTION = '--trace <file>'

export const TRACE_HELP =
  'record what is said to devices and what they answer in a new file, without comm keys (see trace:show)'

export interface TraceOptions {
  readonly trace?: string | undefined
}
