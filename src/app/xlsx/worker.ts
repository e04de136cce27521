import { parentPort, workerData } from 'node:worker_threads'
import { XlsxBook } from './book.ts'
import type { Cell } from './cells.ts'

/** Some rows, or that there are no more. Each is answered with the bytes that were made since the last answer. */
export type WriterRequest = { readonly rows: ReadonlyArray<readonly Cell[]> } | 'end'
export interface WriterOptions {
  readonly rowsPerSheet: number
}

/** The thread that writes a workbook. What it throws ends it, and reaches the thread that started it as an error. */
const book = new XlsxBook(workerData as WriterOptions)

parentPort?.on('message', (request: WriterRequest) => {
  if (request === 'end') {
    void book.end().then(answer)
    return
  }
  book.add(request.rows)
  answer()
})

function answer(): void {
  const bytes = book.take()
  parentPort?.postMessage(bytes, [bytes.buffer])
}
