import type { PagesEvent } from '../app/pages.ts'
import { printable, type Terminal } from './terminal.ts'

/** Tells on stderr what is done about the pages, so that nobody wonders what the first start waits for. */
export function pagesPrinter(terminal: Pick<Terminal, 'note' | 'styleNote'>): (event: PagesEvent) => void {
  return event => {
    switch (event.event) {
      case 'pages.building':
        return terminal.note('Building the pages, once: some seconds.')
      case 'pages.stale':
        return terminal.note(
          'The pages are older than their sources, and what builds them is not installed: npm ci && npm run build:ui',
        )
      case 'pages.failed':
        terminal.note(terminal.styleNote('red', 'The pages could not be built:'))
        for (const line of event.lines) terminal.note(`    ${printable(line)}`)
        return
      default:
        return event satisfies never
    }
  }
}
