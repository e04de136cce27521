import { ApiProblem, send } from './client.ts'

const PAUSE_MS = 1_000

/**
 * Loads a part of the pages. While the server is away it is asked for again until it is back; one that the server does not have any more,
 * since it is a newer one, is the error that it is.
 */
export async function loadPart<Part>(load: () => Promise<Part>, parts = { isAway, pause }): Promise<Part> {
  for (;;) {
    try {
      return await load()
    } catch (error) {
      if (!(await parts.isAway())) throw error
      await parts.pause()
    }
  }
}

async function isAway(): Promise<boolean> {
  try {
    await send('/api/v1/health', {})
    return false
  } catch (error) {
    return error instanceof ApiProblem && error.code === 'SERVER_AWAY'
  }
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, PAUSE_MS))
}
