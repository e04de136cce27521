import assert from 'node:assert/strict'
import { test } from 'vitest'
import { listeningLines } from './web-interface.ts'

const URL_HERE = 'http://127.0.0.1:8370'
const LINK = `${URL_HERE}/first-admin#abc`

test('the link is told where a page takes it, and the command where none does', () => {
  const web = { url: URL_HERE, hasPages: true, isOnAllAddresses: false }
  assert.deepEqual(listeningLines(web, LINK), [
    `Rollcall listens at ${URL_HERE}`,
    'There is no account yet. Make the first admin here, once and within 24 hours:',
    `    ${LINK}`,
  ])
  const without = listeningLines({ ...web, hasPages: false }, LINK).join('\n')
  assert.match(without, /npm run build:ui.*\/docs/)
  assert.match(without, /rollcall account:create/)
  assert(!without.includes(LINK))
})

test('with an account there is nothing to make', () => {
  const web = { url: URL_HERE, hasPages: true, isOnAllAddresses: true }
  assert.deepEqual(listeningLines(web, null), [
    `Rollcall listens at ${URL_HERE}, and on all other addresses of this machine`,
  ])
})
