import { open, rename, rm, stat } from 'node:fs/promises'
import { RollcallError } from '../base/errors.ts'

/**
 * Writes a file of which others see the whole or nothing: the pieces go to a file beside it, which takes its name in the end.
 * What is not an ordinary file, such as a pipe, is written to as it stands.
 *
 * @throws RollcallError `OUTPUT_FAILED`; what the pieces throw.
 */
export async function writeWholeFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const isSpecial = (await stat(path).catch(() => null))?.isFile() === false
  const target = isSpecial ? path : `${path}.part`
  const output = await open(target, 'w').catch((error: unknown) => {
    throw outputFailed(path, error)
  })
  try {
    try {
      for await (const piece of pieces)
        await output.appendFile(piece).catch(error => Promise.reject(outputFailed(path, error)))
    } finally {
      await output.close()
    }
    if (!isSpecial) await rename(target, path).catch(error => Promise.reject(outputFailed(path, error)))
  } catch (error) {
    if (!isSpecial) await rm(target, { force: true })
    throw error
  }
}

function outputFailed(path: string, error: unknown): RollcallError {
  const reason = error instanceof Error ? error.message : String(error)
  return new RollcallError('OUTPUT_FAILED', `${path} cannot be written: ${reason}`, { cause: error })
}
