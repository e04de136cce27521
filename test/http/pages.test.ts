import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Answer, HttpScene } from './scene.ts'

const CODE = `console.log(${JSON.stringify('a'.repeat(2_000))})\n`
const INDEX =
  '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script type="module" src="/assets/index-Ab_1-x.js"></script>'
const BROWSER = { as: 'nobody', headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } } as const

/** What a build leaves: pages, hashed files, files that keep their names, and what is nobody's business. */
function makePages(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-pages-'))
  const files: Record<string, string | Uint8Array> = {
    'index.html': INDEX,
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'build.json': '{"stamp":"secret"}',
    '.vite/manifest.json': '{"secret":1}',
    'assets/index-Ab_1-x.js': CODE,
    'assets/index-Ab_1-x.js.br': brotliCompressSync(CODE),
    'assets/index-Ab_1-x.js.gz': gzipSync(CODE),
    'assets/plain-1.css': 'body{}',
    'assets/.hidden': 'secret',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

describe('the pages', () => {
  const folder = makePages()
  let scene: HttpScene
  beforeAll(async () => {
    scene = await HttpScene.open({ pages: folder })
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const path of ['/', '/?a=1', '/devices/3', '/first-admin', '/apiary', '/attendance?since=1d', '/x/y/z/'])
    test(`${path} is a page`, async () => {
      const { status, headers, text } = await scene.get(path, BROWSER)
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
      assert.equal(headers.get('cache-control'), 'no-cache')
      assert(text.startsWith('<!doctype html>') && !text.includes('__CSP_NONCE__'))
    })

  test('/ is a page for everybody, and other addresses for browsers alone', async () => {
    assert.equal((await scene.get('/', { headers: { accept: '*/*' } })).status, 200)
    for (const accept of ['*/*', 'application/json', ''])
      assertNoRoute(await scene.get('/devices/3', { headers: { accept } }))
  })

  test('each answer has a nonce of its own, and the policy names it for styles alone', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => scene.get('/devices', BROWSER)))
    const nonces = answers.map(({ headers, text }) => {
      const nonce = /<meta name="csp-nonce" content="([\w+/=]{24})">/.exec(text)?.[1]
      assert(nonce, text)
      assert.equal(
        headers.get('content-security-policy'),
        `default-src 'none';script-src 'self';style-src 'self' 'nonce-${nonce}';img-src 'self' data:;font-src 'self';connect-src 'self';manifest-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'`,
      )
      return nonce
    })
    assert.equal(new Set(nonces).size, 3)
  })

  for (const path of ['/', '/devices', '/assets/plain-1.css', '/icon.svg', '/api/v1/health', '/nothing.txt', '/docs'])
    test(`${path} tells browsers what to refuse`, async () => {
      const { headers } = await scene.get(path, BROWSER)
      assert.equal(headers.get('x-frame-options'), 'DENY')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.match(headers.get('permissions-policy') ?? '', /camera=\(\).*usb=\(\)/)
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /unsafe/)
    })

  for (const [encoding, expected] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
    ['', null],
  ] as const)
    test(`a hashed file comes as ${expected ?? 'it is'} to whoever takes "${encoding}", and may be kept for ever`, async () => {
      const { head, body } = await rawGet(scene.web.url, '/assets/index-Ab_1-x.js', `Accept-Encoding: ${encoding}\r\n`)
      assert.match(head, /^HTTP\/1\.1 200 /)
      assert.match(head, /\r\ncontent-type: application\/javascript; charset=utf-8\r\n/i)
      assert.match(head, /\r\ncache-control: public, max-age=31536000, immutable\r\n/i)
      assert.match(head, /\r\nvary: accept-encoding\r\n/i)
      assert.equal(/\r\ncontent-encoding: (\w+)/i.exec(head)?.[1] ?? null, expected)
      const text = expected === 'br' ? brotliDecompressSync(body) : expected === 'gzip' ? gunzipSync(body) : body
      assert.equal(text.toString(), CODE)
    })

  test('a file that is not compressed, and one that keeps its name', async () => {
    const style = await scene.get('/assets/plain-1.css', { as: 'nobody' })
    assert.deepEqual([style.status, style.text], [200, 'body{}'])
    const icon = await scene.get('/icon.svg', { as: 'nobody' })
    assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, 'image/svg+xml'])
    assert.equal(icon.headers.get('cache-control'), 'no-cache')
    const again = await rawGet(scene.web.url, '/icon.svg', `If-None-Match: ${icon.headers.get('etag')}\r\n`)
    assert.match(again.head, /^HTTP\/1\.1 304 /)
  })

  test('HEAD has the same headers and no body', async () => {
    for (const path of ['/', '/devices/3', '/assets/index-Ab_1-x.js', '/icon.svg']) {
      const [head, get] = await Promise.all([scene.ask('HEAD', path, BROWSER), scene.get(path, BROWSER)])
      assert.deepEqual([head.status, head.text], [200, ''], path)
      for (const name of ['content-type', 'cache-control']) assert.equal(head.headers.get(name), get.headers.get(name))
    }
  })

  for (const path of [
    '/assets/gone-1.js',
    '/assets',
    '/assets/',
    '/assets/.hidden',
    '/robots.txt',
    '/build.json',
    '/.vite/manifest.json',
    '/index.html',
    '/api/v1/nothing',
    '/api',
    '/docs/nothing',
    '/metrics/nothing',
    '/openapi.json/nothing',
    '/openapi.jsonx',
  ])
    test(`${path} is nothing, for a browser too`, async () => assertNoRoute(await scene.get(path, BROWSER)))

  test('no other method has a page', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) assertNoRoute(await scene.ask(method, '/devices', BROWSER))
  })

  for (const path of [
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/..%2F..%2Fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/%252e%252e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/..\\..\\package.json',
    '/assets/%00',
    '/assets/index-Ab_1-x.js%00.css',
    '/assets//etc/passwd',
    '/assets/./index-Ab_1-x.js',
    '/assets/../build.json',
    '/../../../../etc/passwd.txt',
    '/%2e%2e/%2e%2e/etc/passwd.txt',
    '/..%2f..%2fpackage.json',
    '/%00.txt',
    '//assets/index-Ab_1-x.js',
  ])
    test(`no file of the machine: ${path}`, async () => {
      const { head, body } = await rawGet(scene.web.url, path, 'Accept: text/html\r\n')
      assert.match(head, /^HTTP\/1\.1 404 /, head)
      assert.equal(JSON.parse(body.toString()).code, 'NO_SUCH_ROUTE')
    })

  test('every route of theirs is public and in no document', async () => {
    const own = scene.web.routes.filter(({ url }) => ['/', '/*', '/assets/*', '/icon.svg'].includes(url))
    assert(own.length >= 8 && own.every(({ access }) => access === 'public'))
    const { paths } = (await scene.get('/openapi.json')).json
    assert(Object.keys(paths).every(path => path.startsWith('/api/') || path === '/metrics'))
  })
})

test('without pages / says how to build them, in plain words', async () => {
  await using scene = await HttpScene.open()
  const { status, headers, text } = await scene.get('/', BROWSER)
  assert.deepEqual([status, headers.get('content-type')], [200, 'text/plain; charset=utf-8'])
  assert.match(text, /npm run build:ui/)
  assert.match(text, /\/docs/)
  assertNoRoute(await scene.get('/devices', BROWSER))
})

function assertNoRoute({ status, json, headers, text }: Answer): void {
  assert.deepEqual([status, json?.code], [404, 'NO_SUCH_ROUTE'], text)
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8')
  assert.equal(headers.get('cache-control'), 'no-store')
}

/** A path as it is written, which `fetch` would put in order, and the bytes as they come. */
async function rawGet(url: string, path: string, headers = ''): Promise<{ head: string; body: Buffer }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // Whoever closes its side at once gets nothing that is read from a file.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${headers}Connection: close\r\n\r\n`)
  const bytes = Buffer.concat(await socket.toArray())
  const end = bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, end).toString('latin1')
  const rest = bytes.subarray(end + 4)
  return { head: `${head}\r\n`, body: /\r\ntransfer-encoding: chunked/i.test(head) ? dechunked(rest) : rest }
}

function dechunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString(), 16)
    if (length === 0) break
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
  return Buffer.concat(parts)
}
