import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromHex, toHex, vectors } from '../../../test/vectors/vectors.ts'
import { scrambleCommKey } from './comm-key.ts'
import { encodeFrame } from './frame.ts'

interface ScrambleValues {
  readonly commKey: number
  readonly sessionId: number
  readonly tick: number
  readonly scramble: string
}

describe('comm key', () => {
  const known = vectors().filter(each => (each.values as ScrambleValues | undefined)?.scramble)
  for (const { id, values, packet } of known) {
    const { scramble, ...input } = values as ScrambleValues
    test(`${id}: key ${input.commKey}, session ${input.sessionId}, tick ${input.tick}`, () => {
      const data = scrambleCommKey(input)
      assert.equal(toHex(data), scramble)
      const frame = encodeFrame({ command: 1102, sessionId: input.sessionId, replyId: 1, data })
      if (packet) assert.deepEqual(frame, fromHex(packet))
    })
  }

  test('the tick hides nothing: taking it out gives the same bytes for every tick', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(u32, fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 255 }), (commKey, id, tick) => {
        const [a, b, c, d] = scrambleCommKey({ commKey, sessionId: id, tick }) as unknown as [
          number,
          number,
          number,
          number,
        ]
        assert.equal(c, tick)
        const [e, f, , g] = scrambleCommKey({ commKey, sessionId: id, tick: 0 })
        assert.deepEqual([a ^ tick, b ^ tick, d ^ tick], [e, f, g])
      }),
    )
  })

  for (const commKey of [-1, 1.5, 2 ** 32, Number.NaN]) {
    test(`${commKey} is no comm key`, () => {
      assert.throws(() => scrambleCommKey({ commKey, sessionId: 1, tick: 50 }), { code: 'COMM_KEY_RANGE' })
    })
  }
})
