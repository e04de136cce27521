import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { buildPages, viteOf } from './pages/build.ts'
import { stampOf } from './pages/stamp.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export type PagesEvent =
  | { readonly event: 'pages.building' }
  /** What the build said last. */
  | { readonly event: 'pages.failed'; readonly lines: readonly string[] }
  /** What is built does not fit its sources, and what builds is not installed: the older pages are used. */
  | { readonly event: 'pages.stale' }

export interface PagesOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly onEvent: (event: PagesEvent) => void
  /** The folder of Rollcall, in place of its own. */
  readonly root?: string
}

/**
 * Finds the pages of the web interface, and builds them where they are not built from the sources that are here. An image has no
 * sources, and what it brings is used.
 *
 * @returns their folder; null where there are none, or where the signal fired meanwhile. A server runs without pages as well.
 */
export async function findPages(options: PagesOptions, signal?: AbortSignal): Promise<string | null> {
  const { clock, onEvent, root = ROOT } = options
  const dist = join(root, 'ui', 'dist')
  const isBuilt = existsSync(join(dist, 'index.html'))
  if (!hasSources(root)) return isBuilt ? dist : null
  try {
    const stamp = await stampOf(root)
    if (isBuilt && (await stampIn(dist)) === stamp) return dist
    if (!existsSync(viteOf(root))) {
      if (isBuilt) onEvent({ event: 'pages.stale' })
      return isBuilt ? dist : null
    }
    onEvent({ event: 'pages.building' })
    const lines = await buildPages({ root, stamp, clock }, signal)
    if (lines.length === 0) return dist
    onEvent({ event: 'pages.failed', lines })
  } catch (error) {
    // Such as a folder that must not be written.
    if (!signal?.aborted)
      onEvent({ event: 'pages.failed', lines: [error instanceof Error ? error.message : String(error)] })
  }
  return null
}

/** Whether there is anything to build from. */
export function hasSources(root = ROOT): boolean {
  return existsSync(join(root, 'ui', 'index.html'))
}

/** The stamp of what is built; null where a build is not whole or not ours. */
async function stampIn(dist: string): Promise<string | null> {
  try {
    const { stamp } = JSON.parse(await readFile(join(dist, 'build.json'), 'utf8')) as { stamp?: string }
    return stamp ?? null
  } catch {
    return null
  }
}
