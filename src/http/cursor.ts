import { crc32 } from 'node:zlib'
import { invalidField } from './problems.ts'

/** Where a page ended: numbers, and the ids of jobs as text. */
export type CursorPlace = readonly (number | string)[]

/**
 * The place as text that nobody needs to understand. The sum at its end finds cursors that were cut, mistyped or made up; it is no
 * secret, since a cursor gives no right that the filters beside it do not.
 */
export function encodeCursor(list: string, place: CursorPlace): string {
  const body = Buffer.from(JSON.stringify(place)).toString('base64url')
  // Not by a template: JSON.stringify goes through a whole page anew once it meets a text that is put together of two.
  return [body, checkOf(list, body)].join('.')
}

/** @throws RequestProblem where it is no cursor of this list with so many numbers. */
export function decodeNumbers(list: string, cursor: string, count: number): number[] {
  const place = decode(list, cursor)
  const numbers = place.filter(part => typeof part === 'number' && Number.isSafeInteger(part)) as number[]
  if (numbers.length !== count || place.length !== count) throw unusable()
  return numbers
}

/** @throws RequestProblem where it is no cursor of this list with one text. */
export function decodeText(list: string, cursor: string): string {
  const [text, ...more] = decode(list, cursor)
  if (typeof text !== 'string' || more.length > 0) throw unusable()
  return text
}

function decode(list: string, cursor: string): CursorPlace {
  const [body = '', check, ...more] = cursor.split('.')
  if (more.length > 0 || check !== checkOf(list, body)) throw unusable()
  try {
    const place: unknown = JSON.parse(Buffer.from(body, 'base64url').toString())
    if (Array.isArray(place)) return place as CursorPlace
  } catch {
    // Told below.
  }
  throw unusable()
}

function checkOf(list: string, body: string): string {
  return crc32(`${list}:${body}`).toString(36)
}

function unusable(): Error {
  return invalidField('query', 'cursor', 'is not one that this list has given')
}
