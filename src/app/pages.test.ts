import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, test, vi } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { findPages } from './pages.ts'

const LIBRARIES = resolve(import.meta.dirname, '../../node_modules')

/** A checkout with pages of three files. */
class Checkout implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'rollcall-checkout-'))
  readonly dist = join(this.root, 'ui', 'dist')
  readonly told: string[] = []
  /** What a build that failed said. */
  lines = ''

  constructor(options: { hasLibraries: boolean }) {
    this.write('package.json', '{"name":"checkout","version":"1.0.0","type":"module"}')
    this.write('ui/index.html', '<!doctype html><body><script type="module" src="/src/main.ts"></script>')
    this.write('ui/src/main.ts', "import { word } from './word.ts'\ndocument.title = word\n")
    this.write('ui/src/word.ts', "export const word: string = 'Rollcall'\n")
    if (options.hasLibraries) symlinkSync(LIBRARIES, join(this.root, 'node_modules'))
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  find(signal?: AbortSignal): Promise<string | null> {
    const { root } = this
    return findPages(
      {
        root,
        clock: systemClock,
        onEvent: event => {
          this.told.push(event.event)
          if (event.event === 'pages.failed') this.lines = event.lines.join('\n')
        },
      },
      signal,
    )
  }

  /** What is told by one more look. */
  async findAgain(): Promise<{ folder: string | null; told: string[] }> {
    this.told.length = 0
    return { folder: await this.find(), told: [...this.told] }
  }

  /** What a build must not leave. */
  get leftovers(): string[] {
    return readdirSync(join(this.root, 'ui')).filter(name => name.startsWith('.'))
  }

  script(): string {
    const [name = ''] = readdirSync(join(this.dist, 'assets')).filter(file => file.endsWith('.js'))
    return join(this.dist, 'assets', name)
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

describe('the pages of a checkout', () => {
  test('are built once, and again when a source has changed', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    const { dist } = checkout
    assert.equal(await checkout.find(), dist)
    assert.deepEqual(checkout.told, ['pages.building'])
    assert.equal(statSync(dist).mode & 0o777, 0o755, 'another user may serve it')
    const script = checkout.script()
    const code = readFileSync(script, 'utf8')
    assert.match(code, /Rollcall/)
    assert.equal(brotliDecompressSync(readFileSync(`${script}.br`)).toString(), code)
    assert.equal(gunzipSync(readFileSync(`${script}.gz`)).toString(), code)
    assert.deepEqual(await checkout.findAgain(), { folder: dist, told: [] })

    checkout.write('ui/src/word.ts', "export const word: string = 'Another'\n")
    assert.deepEqual(await checkout.findAgain(), { folder: dist, told: ['pages.building'] })
    assert.match(readFileSync(checkout.script(), 'utf8'), /Another/)
    checkout.write('package-lock.json', '{"lockfileVersion":3}')
    assert.deepEqual(await checkout.findAgain(), { folder: dist, told: ['pages.building'] })
    assert.deepEqual(checkout.leftovers, [])
  })

  test('are built without a trace beside them', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    const folder = join(checkout.root, 'temporary')
    mkdirSync(folder)
    vi.stubEnv('TMPDIR', folder)
    try {
      assert.equal(await checkout.find(), checkout.dist)
    } finally {
      vi.unstubAllEnvs()
    }
    assert.deepEqual(readdirSync(folder), [])
  })

  test('two processes that build at once leave one whole build', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    assert.deepEqual(await Promise.all([checkout.find(), checkout.find()]), [checkout.dist, checkout.dist])
    assert.match(readFileSync(checkout.script(), 'utf8'), /Rollcall/)
    assert.deepEqual(await checkout.findAgain(), { folder: checkout.dist, told: [] })
    assert.deepEqual(checkout.leftovers, [])
  })

  test('that cannot be built are told with what the build said last', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    checkout.write('ui/src/main.ts', "import { gone } from './gone.ts'\ngone()\n")
    assert.equal(await checkout.find(), null)
    assert.deepEqual(checkout.told, ['pages.building', 'pages.failed'])
    assert.match(checkout.lines, /gone\.ts/)
    assert(!existsSync(checkout.dist))
    assert.deepEqual(checkout.leftovers, [])
  })

  test('over the budget are no build', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    const noise = Array.from({ length: 9_000 }, (_, n) =>
      Math.sin(n + 1)
        .toString(36)
        .repeat(3)
        .slice(2),
    ).join(' ')
    const large = Array.from({ length: 6 }, (_, n) =>
      [...noise].map(c => String.fromCharCode(c.charCodeAt(0) + n)).join(''),
    )
    checkout.write('ui/src/main.ts', `document.title = ${JSON.stringify(large.join(''))}\n`)
    assert.equal(await checkout.find(), null)
    assert.match(checkout.lines, /The first page needs \d+ bytes.*250000 are allowed/)
    assert.match(checkout.lines, /\d+ {2}assets\/index-[\w-]+\.js/)
  })

  test('without what builds them: none, or the older ones, which is told', async () => {
    using checkout = new Checkout({ hasLibraries: false })
    assert.deepEqual(await checkout.findAgain(), { folder: null, told: [] })
    checkout.write('ui/dist/index.html', 'older')
    assert.deepEqual(await checkout.findAgain(), { folder: checkout.dist, told: ['pages.stale'] })
  })

  test('without sources: those that an image brings, or none', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    rmSync(join(checkout.root, 'ui'), { recursive: true })
    assert.deepEqual(await checkout.findAgain(), { folder: null, told: [] })
    checkout.write('ui/dist/index.html', 'brought')
    assert.deepEqual(await checkout.findAgain(), { folder: checkout.dist, told: [] })
  })

  test('what a killed build left is removed once it is old, and a build in hand is not', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    checkout.write('ui/.dist-old/x', '')
    checkout.write('ui/.dist-new/x', '')
    utimesSync(join(checkout.root, 'ui/.dist-old'), 1, 1)
    assert.equal(await checkout.find(), checkout.dist)
    assert.deepEqual(checkout.leftovers, ['.dist-new'])
  })

  test('whoever interrupts a build waits for nothing, and is told of no failure', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    const interrupted = new AbortController()
    const found = checkout.find(interrupted.signal)
    while (checkout.leftovers.length === 0) await systemClock.sleep(5)
    interrupted.abort()
    assert.equal(await found, null)
    assert.deepEqual(checkout.told, ['pages.building'])
    assert(!existsSync(checkout.dist))
    assert.deepEqual(checkout.leftovers, [])
  })

  test('a folder that must not be written is a failure, and no crash', async () => {
    using checkout = new Checkout({ hasLibraries: true })
    checkout.write('ui/dist', 'a file where the folder belongs')
    assert.equal(await checkout.find(), null)
    assert.deepEqual(checkout.told, ['pages.building', 'pages.failed'])
    assert.match(checkout.lines, /ENOTDIR|EEXIST/)
  })
})
