import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { nodeNetwork } from './network.ts'

const HANDLERS = { onData() {}, onEnd() {} }
const NEVER = new AbortController().signal
const hasSystemCode =
  (...codes: string[]) =>
  (error: unknown) =>
    error instanceof Error && 'code' in error && codes.includes(String(error.code))

describe.each(['openTcp', 'openUdp'] as const)('%s', open => {
  test('to a host name that has no address rejects with the error of the look-up', async () => {
    const address = { host: 'no-such-host.invalid', port: 4370 }
    await assert.rejects(nodeNetwork[open](address, HANDLERS, NEVER), hasSystemCode('ENOTFOUND', 'EAI_AGAIN'))
  })

  test('with a signal that has fired rejects with its reason, unwrapped', async () => {
    const reason = new Error('enough')
    const address = { host: '127.0.0.1', port: 4370 }
    await assert.rejects(nodeNetwork[open](address, HANDLERS, AbortSignal.abort(reason)), error => error === reason)
  })
})

test('a TCP port where nothing listens refuses', async () => {
  const open = nodeNetwork.openTcp({ host: '127.0.0.1', port: 1 }, HANDLERS, NEVER)
  await assert.rejects(open, hasSystemCode('ECONNREFUSED'))
})

test('a UDP link may be closed twice', async () => {
  const link = await nodeNetwork.openUdp({ host: '127.0.0.1', port: 9 }, HANDLERS, NEVER)
  link.close()
  link.close()
})
