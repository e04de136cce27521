import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What lies in the folder of the pages and goes into no build: its outcome, libraries, and anything hidden. */
const NO_SOURCE = /^(?:dist|node_modules|\..*)$/

/** Files of the project that say which libraries there are and how types are read. */
const BESIDE = ['package.json', 'package-lock.json', 'tsconfig.json']

/** One hash over everything that a build of the pages depends on: the sources by name and content, and the libraries. */
export async function stampOf(root: string): Promise<string> {
  const ui = join(root, 'ui')
  const paths = [...(await filesIn(ui)), ...BESIDE.map(name => join(root, name))]
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    const bytes = await readFile(path).catch(missing)
    hash.update(`${relative(root, path)}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[][] = []
  for (const entry of entries.filter(({ name }) => !NO_SOURCE.test(name))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(await filesIn(path))
    else if (entry.isFile()) found.push([path])
  }
  return found.flat()
}

/** What a checkout does not have cannot change. */
function missing(error: unknown): Buffer {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
  throw error
}
