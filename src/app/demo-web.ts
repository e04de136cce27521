import { ConfigError } from '../base/errors.ts'
import type { JobQueue } from '../model/job-queue.ts'
import { makeAccount } from './accounts.ts'
import type { WebConfig } from './config.ts'
import type { Rollcall } from './rollcall.ts'
import { openWeb, type Web } from './web.ts'
import { work } from './work.ts'

/** So many ports after the wished one are tried, and then any. */
const PORTS_TRIED = 20
const EMAIL = 'demo@rollcall.example'

/** Who may look around in the demo: gone with its database. */
export interface DemoAdmin {
  readonly email: string
  readonly password: string
}

/** Makes somebody who can sign in. The password is told once, like that of every account. */
export async function makeDemoAdmin({ store }: Pick<Rollcall, 'store'>): Promise<DemoAdmin> {
  const { generatedPassword } = await makeAccount(store, 'demo', { email: EMAIL, role: 'admin' })
  return { email: EMAIL, password: generatedPassword ?? '' }
}

/** Opens the web interface, on the next free port where the wished one is taken. @throws as `openWeb`. */
export async function openDemoWeb(parts: {
  rollcall: Rollcall
  queue: JobQueue
  config: WebConfig
  pages: string | null
}): Promise<Web> {
  const { config, ...rest } = parts
  // From 0 on any free port is taken, and so it is once the last try is left.
  const last = config.port === 0 ? 0 : PORTS_TRIED
  for (let tries = 0; ; tries++) {
    const wished = config.port + tries
    const port = tries === last || wished > 65_535 ? 0 : wished
    try {
      return await openWeb({ ...rest, config: { ...config, port } })
    } catch (error) {
      if (port === 0 || !isPortTaken(error)) throw error
    }
  }
}

function isPortTaken(error: unknown): boolean {
  const cause = error instanceof ConfigError ? error.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}

/** Leaves a failed job in the queue, as a worker does: by a device that refuses. */
export async function failOneJob(
  parts: { rollcall: Rollcall; queue: JobQueue },
  deviceId: number,
  signal: AbortSignal,
): Promise<void> {
  await parts.queue.enqueue([deviceId])
  await work(parts, { concurrency: 1, stopWhenEmpty: true, onEvent: () => {} }, signal)
}
