import { Worker } from 'node:worker_threads'
import type { AttendanceView } from '../attendance-view.ts'
import { type Cell, XLSX_COLUMNS } from './cells.ts'
import type { WriterOptions, WriterRequest } from './worker.ts'

/** Rows that go to the thread at once: few messages, and a millisecond or so to copy. */
const ROWS_PER_MESSAGE = 500
/** What every program that reads the format takes; the heading is one of them. */
const SHEET_ROWS_MAX = 1_048_576

/**
 * A row is some hundred small objects that are garbage at once: without a bound V8 lets a hundred megabytes of them gather. What
 * stays is small, so that a leak ends an export instead of the machine.
 */
const HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64 }

/**
 * The bytes of an XLSX file of these views, in pieces, made by a thread of its own. Two lots of rows at most are under way: the one
 * that is written and the one that waits, so that memory does not grow with the rows or with a slow reader. A reader that goes away ends the thread.
 */
export async function* exportXlsx(
  views: AsyncIterable<AttendanceView>,
  options: { readonly rowsPerSheet?: number } = {},
): AsyncGenerator<Uint8Array> {
  await using writer = startWriter({ rowsPerSheet: options.rowsPerSheet ?? SHEET_ROWS_MAX })
  let answer: Promise<Uint8Array> | null = null
  for await (const rows of inLots(views)) {
    const next = writer.ask({ rows })
    if (answer) yield* unlessEmpty(await answer)
    answer = next
  }
  if (answer) yield* unlessEmpty(await answer)
  yield* unlessEmpty(await writer.ask('end'))
}

async function* inLots(views: AsyncIterable<AttendanceView>): AsyncGenerator<Cell[][]> {
  let rows: Cell[][] = []
  for await (const view of views) {
    rows.push(XLSX_COLUMNS.map(({ key }) => view[key]))
    if (rows.length < ROWS_PER_MESSAGE) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

function* unlessEmpty(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

interface Writer extends AsyncDisposable {
  /** Answers come in the order of the requests. */
  ask(request: WriterRequest): Promise<Uint8Array>
}

function startWriter(options: WriterOptions): Writer {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: options,
    execArgv: [],
    resourceLimits: HEAP,
  })
  const stopped = new AbortController()
  worker.on('error', (error: unknown) => stopped.abort(error))
  worker.on('exit', () => stopped.abort(new Error('the thread that writes the workbook has ended')))
  const waiting: Array<PromiseWithResolvers<Uint8Array>> = []
  worker.on('message', (bytes: Uint8Array) => waiting.shift()?.resolve(bytes))
  stopped.signal.addEventListener('abort', () => {
    for (const { reject } of waiting.splice(0)) reject(stopped.signal.reason)
  })
  return {
    ask(request) {
      const answer = Promise.withResolvers<Uint8Array>()
      // It may fail while the bytes before it are still being read; whoever awaits it hears of it all the same.
      answer.promise.catch(() => {})
      if (stopped.signal.aborted) answer.reject(stopped.signal.reason)
      else {
        waiting.push(answer)
        worker.postMessage(request)
      }
      return answer.promise
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}
