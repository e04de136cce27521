import { existsSync } from 'node:fs'
import { type Browser, chromium } from '@playwright/test'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** What keeps it alone with us: it asks nobody for updates, and needs neither a graphics card nor rights of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function chromiumPath(): string | undefined {
  return PATHS.find(path => existsSync(path))
}

/**
 * Whether the tests that need a browser run. Where not, one line says so; with `ROLLCALL_REQUIRE_SERVERS=1` its absence is a failure.
 *
 * @throws where it is required and not there.
 */
export function mayTestPages(what: string): boolean {
  if (chromiumPath() !== undefined) return true
  const how = 'needs Chromium (Debian and Ubuntu: apt-get install chromium)'
  if (process.env.ROLLCALL_REQUIRE_SERVERS === '1') throw new Error(`${what} ${how}, and ROLLCALL_REQUIRE_SERVERS is 1`)
  console.warn(`skipped: ${what} ${how}`)
  return false
}

/** @throws Error where there is none; ask {@link mayTestPages} first. */
export async function openChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error(`there is no Chromium at ${PATHS.join(', ')}`)
  return await chromium.launch({ executablePath, args: FLAGS })
}
