#!/usr/bin/env -S node --max-semi-space-size=8
// Plain JavaScript, so that an old Node gets as far as the sentence below instead of failing at the first type.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

// The option above keeps what Node sets aside for young objects to 16 MB in place of 64, which a server of many streams would fill with
// garbage before it looks (docs/performance.md). ./rollcall and npm run demo give it too, and a test holds the three together.

const NEEDED = 26
const root = fileURLToPath(new URL('..', import.meta.url))

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const advice = existsSync(`${root}node_modules/.bin/node`)
    ? 'This checkout brings one along: start Rollcall with ./rollcall or with npx rollcall.'
    : `Run "npm ci" in ${root} (on x64 Linux it brings Node ${NEEDED} along), or install Node ${NEEDED} from https://nodejs.org.`
  process.stderr.write(`Rollcall needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}. ${advice}\n`)
  process.exit(2)
}

// Types are stripped once and kept: starting takes a third of the time. Not in the temporary folder that all users of the
// machine write to, where somebody else could leave code to be run.
nodeModule.enableCompileCache(`${root}node_modules/.cache/rollcall`)
const { main } = await import('../src/cli/main.ts')
await main()
