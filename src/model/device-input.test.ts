import assert from 'node:assert/strict'
import { test } from 'vitest'
import { checkTag, checkTags, hasTag } from './device-input.ts'

for (const [name, text, result] of [
  ['a word', 'payroll', { value: 'payroll' }],
  ['with blanks around it', ' Plant 2\t', { value: 'Plant 2' }],
  ['of forty characters', 'x'.repeat(40), { value: 'x'.repeat(40) }],
  ['of parts that are one character', 'E\u0301lan', { value: '\u00c9lan' }],
  ['of nothing', '', { fault: 'must not be empty' }],
  ['of blanks', '  ', { fault: 'must not be empty' }],
  ['too long', 'x'.repeat(41), { fault: 'must not be longer than 40 characters' }],
  ['with a comma', 'a,b', { fault: 'must not hold commas, line breaks or other control characters' }],
  ['with a line break', 'a\nb', { fault: 'must not hold commas, line breaks or other control characters' }],
] as const)
  test(`a tag ${name}`, () => assert.deepEqual(checkTag(text), result))

test('tags are told once, in the spelling that came first, in alphabetical order', () => {
  assert.deepEqual(checkTags(['Payroll', 'zoo', 'payroll', '\u00c9lan', 'gate', ' ZOO']), {
    value: ['\u00c9lan', 'gate', 'Payroll', 'zoo'],
  })
  assert.deepEqual(checkTags([]), { value: [] })
})

test('the tag that cannot be used is named, and so are too many', () => {
  assert.deepEqual(checkTags(['a', '']), { fault: 'must not be empty: ""' })
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `tag ${i}`)
  assert.deepEqual(checkTags(numbered(21)), { fault: 'must not be more than 20' })
  assert('value' in checkTags([...numbered(20), 'TAG 7']))
})

test('a tag is found in whatever case', () => {
  const device = { tags: ['Plant 2'] }
  assert.deepEqual(
    ['plant 2', 'PLANT 2', 'plant'].map(tag => hasTag(device, tag)),
    [true, true, false],
  )
})
