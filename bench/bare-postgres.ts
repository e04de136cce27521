import type pg from 'pg'
import { BARE_COLUMNS, type BareRow, type BareWay } from './bare-insert.ts'

/** A statement takes 65,535 parameters, and there are 14 to a row. */
const ROWS_OF_VALUES = 1000
const ROWS_OF_ARRAYS = 5000
/** Rows in one message of a copy: some 150 KB. */
const ROWS_OF_COPY = 1000

const COLUMNS = BARE_COLUMNS.join()
const TYPES = ['int8', 'text', 'timestamptz', 'text', 'text', 'int4', 'int4', 'int8', 'text', 'text', 'bytea']
const ALL_TYPES = [...TYPES, 'int8', 'timestamptz', 'int8']

export const POSTGRES_WAYS: Readonly<Record<string, BareWay<pg.Client>>> = {
  'copy from stdin': (client, rows) => copied(client, `copy attendance_logs (${COLUMNS}) from stdin`, copyChunks(rows)),
  'arrays, unnested, one transaction': (client, rows) =>
    inTransaction(client, async () => {
      const arrays = ALL_TYPES.map((type, i) => `$${i + 1}::${type}[]`).join()
      const text = `insert into attendance_logs (${COLUMNS}) select * from unnest(${arrays})`
      for (const part of partsOf(rows, ROWS_OF_ARRAYS)) {
        await client.query({ name: 'arrays', text, values: BARE_COLUMNS.map((_, i) => part.map(row => row[i])) })
      }
    }),
  'rows of values, prepared, one transaction': (client, rows) =>
    inTransaction(client, async () => {
      for (const part of partsOf(rows, ROWS_OF_VALUES)) {
        const places = part.map((_, row) => `(${BARE_COLUMNS.map((_, i) => `$${row * BARE_COLUMNS.length + i + 1}`)})`)
        const text = `insert into attendance_logs (${COLUMNS}) values ${places.join()}`
        await client.query({ name: `values-${part.length}`, text, values: part.flat() })
      }
    }),
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  await work()
  await client.query('commit')
}

function* partsOf(rows: readonly BareRow[], size: number): Generator<readonly BareRow[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
}

/** Rows as lines of text. Nothing of these rows needs an escape. */
function* copyChunks(rows: readonly BareRow[]): Generator<Buffer> {
  for (const part of partsOf(rows, ROWS_OF_COPY)) {
    yield Buffer.from(part.map(row => `${row.map(copyText).join('\t')}\n`).join(''))
  }
}

function copyText(value: BareRow[number]): string {
  if (value === null) return '\\N'
  return Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : String(value)
}

/** What a copy needs of the connection of `pg`, whose types do not have it. */
interface CopyConnection {
  query(sql: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Copies in what the server is ready for, by what `pg` calls on a query of one's own. It does not wait for the socket to drain. */
function copied(client: pg.Client, sql: string, chunks: Iterable<Buffer>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const copy = {
    submit: (connection: unknown) => (connection as CopyConnection).query(sql),
    handleCopyInResponse(connection: CopyConnection) {
      for (const chunk of chunks) connection.sendCopyFromChunk(chunk)
      connection.endCopyFrom()
    },
    handleCommandComplete() {},
    handleReadyForQuery: () => resolve(),
    handleError: reject,
  }
  client.query(copy)
  return promise
}
