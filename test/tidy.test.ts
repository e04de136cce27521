import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const LINES_MAX = 400
const TEST_LINES_MAX = 600

/** Who may import whom (ARCHITECTURE.md). A folder may always import itself; `app` sees every folder above it. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  codec: ['base'],
  model: ['base'],
  client: ['codec', 'base'],
  virtual: ['codec', 'base'],
  drivers: ['client', 'codec', 'model', 'base'],
  sync: ['model', 'base'],
  store: ['model', 'base'],
  queue: ['model', 'base'],
  http: ['sync', 'model', 'base'],
  app: ['base', 'codec', 'client', 'virtual', 'model', 'drivers', 'sync', 'store', 'queue', 'http'],
  cli: ['app', 'model', 'base'],
}

/** Files that somebody starts or imports from outside, so that no file of the project needs to import them. */
const ENTRIES = [
  'src/index.ts',
  'src/codec/index.ts',
  'src/client/index.ts',
  'src/virtual/index.ts',
  'src/cli/main.ts',
  'src/cli/build-pages-main.ts',
  'ui/src/main.tsx',
]

interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly isTest: boolean
  /** Paths of the project's own files that it imports. */
  readonly imports: readonly string[]
  /** Everything else that it imports. */
  readonly packages: readonly string[]
}

const FILES = globSync(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'ui/src/**/*.{ts,tsx}'], { cwd: ROOT })
  .map(read)
  .sort(byPath)
const SOURCE = FILES.filter(file => file.path.startsWith('src/') && !file.isTest)
const PAGES = FILES.filter(file => file.path.startsWith('ui/') && !file.isTest)
const ENTRY_TEXTS = 'src/index.ts'
/** The one file of the pages that looks outside. */
const PAGE_TYPES = 'ui/src/api/types.ts'

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const specifiers = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|\bimport\(\s*'([^']+)'|(?:^|\n)import\s*'([^']+)'/g,
    ),
  ].map(match => match[1] ?? match[2] ?? match[3] ?? '')
  const isLocal = (specifier: string) => specifier.startsWith('.')
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    // A sample is what several tests of a folder begin with.
    isTest: /\.(?:test|sample)\.ts$/.test(path) || path.startsWith('test/') || path.startsWith('bench/'),
    imports: specifiers.filter(isLocal).map(specifier => relative(ROOT, resolve(ROOT, dirname(path), specifier))),
    packages: specifiers.filter(specifier => !isLocal(specifier)),
  }
}

function byPath(a: SourceFile, b: SourceFile): number {
  return a.path < b.path ? -1 : 1
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

test('every import of the source follows the table', () => {
  const wrong: string[] = []
  for (const file of SOURCE) {
    if (file.path === ENTRY_TEXTS) continue
    const folder = folderOf(file.path)
    const allowed = MAY_IMPORT[folder]
    assert(allowed, `${file.path}: ${folder} is not a folder of the table`)
    for (const target of file.imports) {
      if (!target.startsWith('src/')) wrong.push(`${file.path} imports ${target}, outside src`)
      else if (folderOf(target) !== folder && !allowed.includes(folderOf(target)))
        wrong.push(`${file.path} imports ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the pages know the server by HTTP and by the types of its JSON', () => {
  assert(PAGES.length > 0)
  const wrong = PAGES.filter(({ path }) => path !== PAGE_TYPES).flatMap(file =>
    file.imports.filter(target => !target.startsWith('ui/src/')).map(target => `${file.path} imports ${target}`),
  )
  const types = PAGES.find(({ path }) => path === PAGE_TYPES)
  assert(types)
  for (const target of types.imports) if (!target.startsWith('src/http/api/')) wrong.push(`${PAGE_TYPES}: ${target}`)
  if (/^(?:import|export) (?!type\b|interface\b)/m.test(types.text)) wrong.push(`${PAGE_TYPES} takes more than types`)
  assert.deepEqual(wrong, [])
})

test('the pages load nothing from elsewhere', () => {
  const elsewhere = PAGES.filter(({ text }) => /\bhttps?:\/\/(?!127\.0\.0\.1)/.test(withoutComments(text)))
  assert.deepEqual(
    elsewhere.map(({ path }) => path),
    [],
  )
})

test('one backend never imports another', () => {
  const backends = SOURCE.filter(file => /^src\/(store|queue)\/[^/]+\//.test(file.path))
  const own = (path: string) => path.split('/').slice(0, 3).join('/')
  const wrong = backends.flatMap(file =>
    file.imports
      .filter(target => /^src\/(store|queue)\/[^/]+\//.test(target) && own(target) !== own(file.path))
      .map(target => `${file.path} imports ${target}`),
  )
  assert.deepEqual(wrong, [])
})

test('tests beside the code import their own folder and what that may import', () => {
  const reach: Record<string, readonly string[]> = {
    ...MAY_IMPORT,
    sync: ['model', 'base', 'store'],
    client: ['codec', 'base', 'virtual'],
  }
  const wrong: string[] = []
  for (const file of FILES.filter(one => one.isTest && one.path.startsWith('src/'))) {
    const folder = folderOf(file.path)
    for (const target of file.imports.filter(path => path.startsWith('src/'))) {
      if (folderOf(target) !== folder && !reach[folder]?.includes(folderOf(target)))
        wrong.push(`${file.path} imports ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('every imported file exists, and imports have no cycle', () => {
  const graph = new Map(FILES.map(file => [file.path, file.imports]))
  for (const file of FILES) {
    for (const target of file.imports)
      assert(existsSync(join(ROOT, target)), `${file.path} imports ${target}, which does not exist`)
  }
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    assert(!trail.includes(path), `cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`)
    if (done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
})

test('every source file is imported by another source file, or is an entry', () => {
  const imported = new Set(SOURCE.flatMap(file => file.imports))
  const dynamic = SOURCE.flatMap(file =>
    [...file.text.matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map(match =>
      relative(ROOT, resolve(ROOT, dirname(file.path), match[1] ?? '')),
    ),
  )
  for (const page of PAGES) for (const target of page.imports) if (target.startsWith('ui/')) imported.add(target)
  const lonely = [...SOURCE, ...PAGES]
    .map(file => file.path)
    .filter(path => !imported.has(path) && !dynamic.includes(path) && !ENTRIES.includes(path))
  assert.deepEqual(lonely, [])
})

test('time, chance and the console are touched in their own places only', () => {
  const rules: Array<{ what: RegExp; allowed: RegExp }> = [
    { what: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, allowed: /^src\/base\// },
    { what: /\bset(?:Timeout|Interval|Immediate)\(/, allowed: /^src\/base\// },
    { what: /\bMath\.random\(/, allowed: /^src\/base\// },
    { what: /\bconsole\./, allowed: /^src\/(?:base|cli)\// },
    { what: /\bprocess\.env\b/, allowed: /^src\/(?:app|cli)\// },
  ]
  const wrong = rules.flatMap(({ what, allowed }) =>
    SOURCE.filter(file => !allowed.test(file.path) && what.test(withoutComments(file.text))).map(
      file => `${file.path}: ${what}`,
    ),
  )
  assert.deepEqual(wrong, [])
})

test('files keep to their limits, and nothing is left for later', () => {
  const wrong: string[] = []
  for (const file of FILES) {
    const max = file.isTest ? TEST_LINES_MAX : LINES_MAX
    if (file.lines > max) wrong.push(`${file.path}: ${file.lines} lines, at most ${max}`)
    if (/\b(?:TODO|FIXME|XXX)\b/.test(file.text) && file.path !== 'test/tidy.test.ts')
      wrong.push(`${file.path}: something is left for later`)
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.tsx?$/.test(file.path.split('/').at(-1) ?? ''))
      wrong.push(`${file.path}: not kebab-case`)
  }
  assert.deepEqual(wrong, [])
})

test('index.ts is kept for published entries, and every folder of src explains itself', () => {
  const barrels = FILES.map(file => file.path).filter(path => path.endsWith('/index.ts') && !ENTRIES.includes(path))
  assert.deepEqual(barrels, [])
  const folders = new Set(SOURCE.filter(file => file.path.split('/').length > 2).map(file => folderOf(file.path)))
  const silent = [...folders].filter(folder => !existsSync(join(ROOT, 'src', folder, 'README.md')))
  assert.deepEqual(silent, [])
})

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

test('each way to start gives Node the same options', () => {
  const optionsIn = (path: string, pattern: RegExp) => pattern.exec(readFileSync(join(ROOT, path), 'utf8'))?.[1]
  const told = [
    optionsIn('bin/rollcall.js', /^#!\/usr\/bin\/env -S node (--.+)$/m),
    optionsIn('rollcall', /^exec "\$node" (--.+) "\$root\/bin\/rollcall\.js" "\$@"$/m),
    optionsIn('package.json', /"demo": "node (--.+) bin\/rollcall\.js demo"/),
  ]
  assert.deepEqual(told, Array(3).fill('--max-semi-space-size=8'))
})
