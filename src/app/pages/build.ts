import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import { type Manifest, overBudget } from './budget.ts'

/** A build takes some seconds; one that takes this long hangs. */
const BUILD_MS_MAX = 5 * 60_000
/** Of what the build said, for whoever has to mend it. */
const LINES_TOLD = 15
const OUTPUT_CHARACTERS_MAX = 64 * 1024
/** Folders of builds that were killed are removed once no build can be at work in them any more. */
const LEFTOVER_MS = 60 * 60_000
const FRESH = '.dist-'
/** Other processes may put their builds in place at the same time, each once. */
const PLACINGS_MAX = 10
const COMPRESSIBLE = /\.(?:m?js|css|svg|json|txt|map|wasm)$/

/** Where the program lies that builds. */
export function viteOf(root: string): string {
  return join(root, 'node_modules', 'vite', 'bin', 'vite.js')
}

/**
 * Builds the pages into a folder of its own, compresses them, holds them to their budget, and puts them in place as a whole: a
 * process that is killed leaves no half of a build where others look, and the last one of two wins.
 *
 * @returns why it failed, in lines; none where it did not.
 * @throws what the file system says; the reason of `signal`.
 */
export async function buildPages(
  { root, stamp, clock }: { root: string; stamp: string; clock: Pick<Clock, 'now'> },
  signal?: AbortSignal,
): Promise<string[]> {
  const ui = join(root, 'ui')
  await removeLeftovers(ui, clock)
  const fresh = await mkdtemp(join(ui, FRESH))
  try {
    const failure = await runVite({ root, ui, fresh }, signal)
    if (failure.length > 0) return failure
    const manifest = JSON.parse(await readFile(join(fresh, '.vite', 'manifest.json'), 'utf8')) as Manifest
    const html = await readFile(join(fresh, 'index.html'), 'utf8')
    const tooLarge = overBudget({ manifest, html }, await compressFiles(fresh))
    if (tooLarge.length > 0) return tooLarge
    await writeFile(join(fresh, 'build.json'), `${JSON.stringify({ stamp })}\n`)
    // A temporary folder is closed to all others, and the server may run as another user than the one who builds.
    await chmod(fresh, 0o755)
    signal?.throwIfAborted()
    await putInPlace(fresh, { ui, place: join(ui, 'dist') })
    return []
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

async function removeLeftovers(ui: string, clock: Pick<Clock, 'now'>): Promise<void> {
  for (const name of await readdir(ui)) {
    if (!name.startsWith(FRESH)) continue
    const path = join(ui, name)
    const { mtimeMs } = (await stat(path).catch(() => null)) ?? { mtimeMs: Number.POSITIVE_INFINITY }
    if (clock.now() - mtimeMs > LEFTOVER_MS) await rm(path, { recursive: true, force: true })
  }
}

async function runVite(
  { root, ui, fresh }: { root: string; ui: string; fresh: string },
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const child = spawn(process.execPath, [viteOf(root), 'build', ui, '--outDir', fresh, '--emptyOutDir', '--manifest'], {
    cwd: ui,
    // Of the environment nothing that could be a secret: a build has no use for it.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TMPDIR: process.env.TMPDIR,
      NODE_ENV: 'production',
      // The bundler would leave its compiled code in the folder for temporary files, for the next build that never comes.
      NODE_DISABLE_COMPILE_CACHE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_MS_MAX,
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX)
    })
  }
  const status = await new Promise<number | null>(resolve => {
    child.on('error', error => {
      output += `\n${error.message}`
      if (child.pid === undefined) resolve(null)
    })
    // Not before it has ended: what it writes to is removed.
    child.on('close', resolve)
  })
  signal?.throwIfAborted()
  if (status === 0) return []
  // Where in the code of the bundler it was thrown helps nobody.
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .filter(line => line.trim() !== '' && !/^\s+at /.test(line))
  return lines.length > 0
    ? lines.slice(-LINES_TOLD)
    : [`The build ended with ${status ?? 'a signal'} and said nothing.`]
}

/** Compresses once what is sent a thousand times. @returns the bytes of each file under gzip, by its path in the folder. */
async function compressFiles(folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter(one => one.isFile() && COMPRESSIBLE.test(one.name))) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).replaceAll('\\', '/')
    // What is hidden is not served.
    if (name.startsWith('.')) continue
    const bytes = await readFile(path)
    const [small, smaller] = await Promise.all([
      promisify(gzip)(bytes, { level: zlib.Z_BEST_COMPRESSION }),
      promisify(brotliCompress)(bytes, {
        params: { [zlib.BROTLI_PARAM_QUALITY]: zlib.BROTLI_MAX_QUALITY, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
    ])
    await Promise.all([writeFile(`${path}.gz`, small), writeFile(`${path}.br`, smaller)])
    sizes.set(name, small.length)
  }
  return sizes
}

/** A folder takes the place of another in two steps; whoever finds nothing in between builds for itself. */
async function putInPlace(fresh: string, { ui, place }: { ui: string; place: string }): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rename(fresh, place)
      return
    } catch (error) {
      if (!isOccupied(error) || tries === PLACINGS_MAX) throw error
    }
    const aside = await mkdtemp(join(ui, FRESH))
    // Another process may have been quicker.
    await rename(place, join(aside, 'dist')).catch(() => {})
    await rm(aside, { recursive: true, force: true })
  }
}

function isOccupied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(String(error.code))
}
