import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { FIRST_LOAD_BYTES_MAX, firstLoadFiles, type Manifest, overBudget } from './budget.ts'

const MANIFEST: Manifest = {
  'index.html': {
    file: 'assets/index-1.js',
    src: 'index.html',
    imports: ['_react-1.js'],
    dynamicImports: ['src/pages/overview.tsx', 'src/pages/devices.tsx'],
  },
  '_react-1.js': { file: 'assets/react-1.js', imports: ['_shared-1.js'] },
  '_shared-1.js': { file: 'assets/shared-1.js', imports: ['_react-1.js'] },
  'src/pages/overview.tsx': { file: 'assets/overview-1.js', src: 'src/pages/overview.tsx', imports: ['_table-1.js'] },
  'src/pages/devices.tsx': { file: 'assets/devices-1.js', src: 'src/pages/devices.tsx', imports: ['_chart-1.js'] },
  '_table-1.js': { file: 'assets/table-1.js', imports: ['_shared-1.js'] },
  '_chart-1.js': { file: 'assets/chart-1.js' },
  'src/style.css': { file: 'assets/style-1.css', src: 'src/style.css' },
}
const HTML = '<script src="/early.js"></script><script type="module" crossorigin src="/assets/index-1.js"></script>'
const BUILT = { manifest: MANIFEST, html: HTML }
const FIRST = ['index', 'react', 'shared', 'overview', 'table'].map(name => `assets/${name}-1.js`).concat('early.js')

describe('the budget of the first load', () => {
  test('counts what index.html loads, the first page, and what they import, each once; no other page', () => {
    assert.deepEqual(firstLoadFiles(BUILT), FIRST)
  })

  test('counts the first page once where it is no chunk of its own', () => {
    const whole = { 'index.html': { file: 'assets/index-1.js' } }
    assert.deepEqual(firstLoadFiles({ manifest: whole, html: '' }), ['assets/index-1.js'])
    assert.throws(() => firstLoadFiles({ manifest: {}, html: '' }), /no index\.html/)
  })

  test('is kept to the byte, and names the largest where it is not', () => {
    const sizes = new Map(FIRST.map((file, index) => [file, 40_000 + 5 * index]))
    sizes.set('early.js', 49_950)
    assert.equal(
      [...sizes.values()].reduce((sum, bytes) => sum + bytes),
      FIRST_LOAD_BYTES_MAX,
    )
    sizes.set('assets/devices-1.js', 900_000).set('assets/style-1.css', 900_000)
    assert.deepEqual(overBudget(BUILT, sizes), [])
    sizes.set('assets/react-1.js', 40_006)
    const [sentence, ...lines] = overBudget(BUILT, sizes)
    assert.match(sentence ?? '', /needs 250001 bytes.*250000 are allowed/)
    assert.deepEqual(
      lines.slice(0, 2).map(line => line.trim()),
      ['49950  early.js', '40020  assets/table-1.js'],
    )
    assert.equal(lines.length, 6)
  })
})
