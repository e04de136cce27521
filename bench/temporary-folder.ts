import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives `work` paths in a folder that is gone afterwards. */
export async function inTemporaryFolder<Result>(
  work: (path: (name: string) => string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  try {
    return await work(name => join(folder, name))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
