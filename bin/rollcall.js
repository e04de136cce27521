#!/usr/bin/env node
// Plain JavaScript, so that an old Node gets as far as the sentence below instead of failing at the first type.
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const NEEDED = 26

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  const advice = existsSync(own)
    ? 'This checkout has one: start Rollcall with ./rollcall or with npx rollcall.'
    : `Run "npm ci" in ${fileURLToPath(new URL('..', import.meta.url))} (on x64 Linux it brings Node ${NEEDED} along), or install Node ${NEEDED} from https://nodejs.org.`
  process.stderr.write(`Rollcall needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}. ${advice}\n`)
  process.exit(2)
}

// Types are stripped once and kept in the temporary folder of the user: starting takes a third of the time.
enableCompileCache?.()
const { main } = await import('../src/cli/main.ts')
await main()
