import assert from 'node:assert/strict'
import { test } from 'vitest'
import { VirtualClock } from '../../test/simulation/virtual-clock.ts'
import { FRAME_PREFIX_BYTES } from '../codec/binary/frame.ts'
import type { Link, LinkHandlers, Network } from './network.ts'
import { goodbye, reach } from './reach.ts'

/** What a goodbye may take: its answer, and the closing of the device's side. */
const GOODBYE_MS_MAX = 3_000

/** A device that begins a packet at the first request and sends a byte of it every now and then, for ever. */
class TricklingNetwork implements Network {
  readonly #clock: VirtualClock
  isClosed = false

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async openTcp(_address: unknown, handlers: LinkHandlers): Promise<Link> {
    const begin = Buffer.from('5050827d00000100', 'hex')
    assert.equal(begin.length, FRAME_PREFIX_BYTES)
    const trickle = (bytes: Uint8Array): void => {
      if (this.isClosed) return
      handlers.onData(bytes)
      this.#clock.after(500, () => trickle(Uint8Array.of(0)))
    }
    return {
      send: () => trickle(begin),
      close: () => {
        this.isClosed = true
      },
    }
  }

  openUdp(): Promise<Link> {
    return Promise.reject(new Error('it speaks TCP alone'))
  }
}

test('a goodbye ends in time, also when the device goes on sending for ever', async () => {
  const clock = new VirtualClock()
  const network = new TricklingNetwork(clock)
  const to = { address: { host: '192.0.2.1', port: 4370 }, transport: 'tcp' } as const
  const session = await reach(to, { network, clock }, new AbortController().signal)
  await clock.run(goodbye(session))
  assert(clock.monotonicMs() <= GOODBYE_MS_MAX, `it took ${clock.monotonicMs()} ms`)
  assert(network.isClosed, 'the link is open')
  await clock.runUntilIdle({ limitMs: 10_000 })
  assert.equal(clock.waiting, 0, 'a timer is set')
})
