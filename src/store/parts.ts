/**
 * Rows in parts of `rows` at most, for statements that take many but not any number. With `bytes`, a part also ends before it holds more
 * than so many, unless a single row does.
 */
export function* partsOf<Row>(
  all: Iterable<Row>,
  most: { readonly rows: number; readonly bytes?: number; readonly sizeOf?: (row: Row) => number },
): Generator<Row[]> {
  const { rows, bytes = Number.POSITIVE_INFINITY, sizeOf = () => 0 } = most
  let part: Row[] = []
  let partBytes = 0
  for (const row of all) {
    const rowBytes = sizeOf(row)
    if (part.length === rows || (part.length > 0 && partBytes + rowBytes > bytes)) {
      yield part
      part = []
      partBytes = 0
    }
    part.push(row)
    partBytes += rowBytes
  }
  if (part.length > 0) yield part
}
