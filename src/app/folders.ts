import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, closed to other users of the machine: they hold who came when, and the secret. One
 * that exists stays as it is.
 *
 * By hand, because Node's own `recursive` never returns where a file system says that a folder cannot be made by saying
 * that its parent is not there, as /proc does.
 */
export function makeFolder(path: string): void {
  if (tryToMake(path) !== 'no parent') return
  makeFolder(dirname(path))
  if (tryToMake(path) === 'no parent') throw new Error(`the file system does not allow a folder ${path}`)
}

function tryToMake(path: string): 'is there' | 'no parent' {
  try {
    mkdirSync(path, { mode: 0o700 })
    return 'is there'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST') return 'is there'
    if (code === 'ENOENT' && dirname(path) !== path) return 'no parent'
    throw error
  }
}
