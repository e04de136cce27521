import assert from 'node:assert/strict'
import { test } from 'vitest'
import { ar } from './ar/texts.ts'
import { en } from './en/texts.ts'
import { pluralOf } from './plural.ts'

/** `shell.lost.title`, each with its value. */
function* entriesOf(texts: object, path = ''): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(texts)) {
    const at = path === '' ? name : `${path}.${name}`
    if (typeof value === 'object' && value !== null) yield* entriesOf(value, at)
    else yield [at, value]
  }
}

// What the server says is looked up in tables, which the type check leaves open.
test('both languages say the same things', () => {
  const names = (texts: object) => [...entriesOf(texts)].map(([name]) => name).sort()
  assert.deepEqual(names(ar), names(en))
})

test('nothing is empty, and nothing of the other language was left', () => {
  for (const [name, value] of entriesOf(ar)) {
    if (typeof value !== 'string') continue
    assert.notEqual(value.trim(), '', name)
    assert.match(value, /\p{Script=Arabic}/u, `${name} is not Arabic: ${value}`)
  }
  for (const [name, value] of entriesOf(en))
    if (typeof value === 'string') assert.doesNotMatch(value, /\p{Script=Arabic}/u, name)
})

test('a number takes the form that its language has for it', () => {
  assert.deepEqual(
    [0, 1, 2, 1200].map(count => pluralOf('en')(count, { one: '# row', other: '# rows' })),
    ['0 rows', '1 row', '2 rows', '1,200 rows'],
  )
  const arabic = pluralOf('ar')
  const forms = { one: 'صف', two: 'صفان', few: '# صفوف', other: '# صفًا' }
  assert.deepEqual(
    [1, 2].map(count => arabic(count, forms)),
    ['صف', 'صفان'],
  )
  assert.match(arabic(3, forms), /صفوف$/)
  assert.match(arabic(11, forms), /صفًا$/)
})
