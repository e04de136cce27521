import type { Web } from '../app/web.ts'
import type { Terminal } from './terminal.ts'

/** Tells where the web interface is, and how to make its first admin while there is none. */
export async function tellListening(terminal: Terminal, web: Web, options: { json: boolean }): Promise<void> {
  const link = await web.firstAdminLink()
  if (options.json) {
    terminal.json({ event: 'server.listening', url: web.url, ...(link === null ? {} : { first_admin_link: link }) })
    return
  }
  terminal.print(`Rollcall listens at ${web.url}`)
  if (link !== null) {
    terminal.print(
      'There is no account yet. Make an admin: rollcall account:create --email YOU@EXAMPLE.ORG --role admin',
    )
  }
}

/** Resolves when the signal fires. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
