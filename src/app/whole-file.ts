import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { RollcallError } from '../base/errors.ts'

/**
 * Writes a file of which others see the whole or nothing: the pieces go to a file beside it, which takes its name in the end.
 * A link is followed, and a file that is replaced keeps its permissions. What is not an ordinary file, such as a pipe, is
 * written to as it stands.
 *
 * @throws RollcallError `OUTPUT_FAILED`; what the pieces throw; the reason of `signal`, with the file as it was.
 */
export async function writeWholeFile(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const before = await stat(path).catch(() => null)
  const isSpecial = before?.isFile() === false
  const real = before ? await realpath(path) : path
  const target = isSpecial ? path : `${real}.part`
  const output = await open(target, 'w').catch((error: unknown) => {
    throw outputFailed(path, error)
  })
  try {
    try {
      if (before && !isSpecial) await output.chmod(before.mode & 0o7777)
      for await (const piece of pieces) {
        signal.throwIfAborted()
        await output.appendFile(piece).catch(error => Promise.reject(outputFailed(path, error)))
      }
      signal.throwIfAborted()
    } finally {
      await output.close()
    }
    if (!isSpecial) await rename(target, real).catch(error => Promise.reject(outputFailed(path, error)))
  } catch (error) {
    if (!isSpecial) await rm(target, { force: true })
    throw error
  }
}

function outputFailed(path: string, error: unknown): RollcallError {
  const reason = error instanceof Error ? error.message : String(error)
  return new RollcallError('OUTPUT_FAILED', `${path} cannot be written: ${reason}`, { cause: error })
}
