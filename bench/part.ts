export interface Sizes {
  readonly records: number
  /** Of the memory part, which measures the largest log that a device holds. */
  readonly recordsOfMemory: number
  /** Logs that the other packages are tried on. */
  readonly recordsOfStrangers: readonly number[]
  readonly rounds: number
  /** Rounds before that, until everything is compiled. */
  readonly warmUps: number
  /** Heard live, by each contestant. */
  readonly punches: number
  /** Held live by one process, each with so many records, watched while nothing happens. */
  readonly liveDevices: number
  readonly recordsOfLiveDevices: number
  readonly idleSeconds: number
  /** Of the large part, and how many pages of each kind are asked for. */
  readonly logsOfLargeTable: number
  readonly pages: number
  /** Of the table that the web server gives pages of. */
  readonly logsOfWeb: number
  /** Asked of the web server in a round. */
  readonly requests: number
  /** Of events, open at the same time. */
  readonly streams: number
}

/** One comparison. It gives lines to print and writes nothing. */
export interface Part {
  title(sizes: Sizes): string
  run(sizes: Sizes): Promise<string[]>
}
