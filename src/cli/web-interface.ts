import { findPages } from '../app/pages.ts'
import type { Rollcall } from '../app/rollcall.ts'
import type { Web } from '../app/web.ts'
import type { JobQueue } from '../model/job-queue.ts'
import type { Cli } from './command.ts'
import { pagesPrinter } from './pages-lines.ts'
import type { Terminal } from './terminal.ts'

/** Opens the web interface of this installation, its pages built where need be; null where it was interrupted meanwhile. */
export async function openInterface(
  { terminal, clock }: Pick<Cli, 'terminal' | 'clock'>,
  { rollcall, queue }: { rollcall: Rollcall; queue: JobQueue },
  signal: AbortSignal,
): Promise<Web | null> {
  const { openWeb } = await import('../app/web.ts')
  const pages = await findPages({ clock, onEvent: pagesPrinter(terminal) }, signal)
  return signal.aborted ? null : await openWeb({ rollcall, queue, pages, config: rollcall.config.web })
}

/** Tells where the web interface is, and how to make its first admin while there is none. */
export async function tellListening(terminal: Terminal, web: Web, options: { json: boolean }): Promise<void> {
  const link = await web.firstAdminLink()
  if (options.json) {
    const { url, hasPages, isOnAllAddresses } = web
    const first = link === null ? {} : { first_admin_link: link }
    terminal.json({ event: 'server.listening', url, all_addresses: isOnAllAddresses, pages: hasPages, ...first })
    return
  }
  for (const line of listeningLines(web, link)) terminal.print(line)
}

/** Without pages there is none that could take the link. */
export function listeningLines(
  { url, hasPages, isOnAllAddresses }: Pick<Web, 'url' | 'hasPages' | 'isOnAllAddresses'>,
  link: string | null,
): string[] {
  const lines = [`Rollcall listens at ${url}${isOnAllAddresses ? ', and on all other addresses of this machine' : ''}`]
  if (!hasPages) lines.push(`The pages are not built (npm ci && npm run build:ui); ${url}/docs describes the API.`)
  if (link === null) return lines
  return hasPages
    ? [...lines, 'There is no account yet. Make the first admin here, once and within 24 hours:', `    ${link}`]
    : [...lines, 'There is no account yet. Make an admin: rollcall account:create --email YOU@EXAMPLE.ORG --role admin']
}

/** Resolves when the signal fires. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
