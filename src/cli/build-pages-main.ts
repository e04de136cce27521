import { findPages, hasSources } from '../app/pages.ts'
import { systemClock } from '../base/clock.ts'
import { pagesPrinter } from './pages-lines.ts'
import { openTerminal } from './terminal.ts'

/** `npm run build:ui`: builds the pages, unless they are built from these sources. Status 1 where they are not up to date afterwards. */
async function main(): Promise<void> {
  const terminal = openTerminal()
  const print = pagesPrinter(terminal)
  let isCurrent = true
  const folder = await findPages({
    clock: systemClock,
    onEvent: event => {
      if (event.event !== 'pages.building') isCurrent = false
      print(event)
    },
  })
  if (folder !== null && isCurrent) terminal.note('The pages are built: ui/dist')
  else if (!hasSources()) terminal.note('There is nothing to build: ui/index.html is missing.')
  else {
    if (isCurrent) terminal.note('What builds the pages is not installed: npm ci')
    process.exitCode = 1
  }
}

await main()
