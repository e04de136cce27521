import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { vectors } from './vectors.ts'

const ROOT = join(import.meta.dirname, '../..')
const NOTES = join(ROOT, 'docs/protocol')

const notes = new Map(globSync('*.md', { cwd: NOTES }).map(name => [name, readFileSync(join(NOTES, name), 'utf8')]))
const sources = globSync(['src/codec/**/*.ts', 'src/virtual/**/*.ts', 'src/client/**/*.ts', 'src/drivers/**/*.ts'], {
  cwd: ROOT,
})

test('every fact has a number of its own, counted up from 1', () => {
  for (const [name, text] of notes) {
    const numbers = [...text.matchAll(/^\*\*[A-Z]-(\d+)\*\*/gm)].map(match => Number(match[1]))
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      name,
    )
    assert(numbers.length > 0 || name === 'README.md', `${name} has no facts`)
  }
})

test('every fact that the code cites exists in the file that it names', () => {
  let cited = 0
  for (const path of sources) {
    const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ')
    for (const [, name, first, , last] of text.matchAll(
      /docs\/protocol\/([a-z]+\.md)(?:, ([A-Z]-\d+)(?: (to|and) ([A-Z]-\d+))?)?/g,
    )) {
      assert(notes.has(name as string), `${path} cites ${name}`)
      for (const fact of [first, last]) {
        if (fact === undefined) continue
        assert(notes.get(name as string)?.includes(`**${fact}**`), `${path} cites ${fact} of ${name}`)
        cited += 1
      }
    }
  }
  assert(cited > 20)
})

test('every fact that another fact refers to exists, and every vector that one names', () => {
  const all = [...notes.values()].join('\n')
  const facts = new Set([...all.matchAll(/^\*\*([A-Z]-\d+)\*\*/gm)].map(match => match[1]))
  const ids = vectors().map(({ id }) => id)
  for (const [name, text] of notes) {
    for (const [, fact] of text.matchAll(/\b([AFSUTZORCQ]-\d+)\b/g)) {
      assert(facts.has(fact), `${name} refers to ${fact}`)
    }
    for (const [, id] of text.matchAll(/`((?:att|blk|ck|conn|dev|opt|rt|siz|syn|tm|usr|fr)[0-9]*b?-[a-z0-9*-]+)`/g)) {
      const prefix = (id as string).split('*')[0] as string
      assert(
        ids.some(each => (prefix === id ? each === id : each.startsWith(prefix))),
        `${name} names ${id}`,
      )
    }
  }
})
