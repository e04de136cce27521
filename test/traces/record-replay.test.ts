import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { decodeTrace } from '../../src/codec/trace/decode-trace.ts'
import { type Outcome, syncReplayed, syncVirtual, type VirtualScene } from './scene.ts'

const LAYOUTS = ['8A', '8B', '16', '36', '40', '49', '40+20'] as const
/** The log in several slices over either transport, the users in several packets. */
const SCENE = { records: 2000, people: 40, commKey: 123_456 } as const

/** Syncs the virtual device, then the device of the trace of that sync. */
async function bothWays(scene: VirtualScene): Promise<{ virtual: Outcome; replayed: Outcome; text: string }> {
  const { outcome, trace } = await syncVirtual(scene)
  return { virtual: outcome, replayed: await syncReplayed(decodeTrace(trace)), text: trace }
}

describe.each(['tcp', 'udp'] as const)('recorded over %s and played back, a sync stores the same rows', transport => {
  test.each(LAYOUTS)('records of layout %s', async layout => {
    const { virtual, replayed } = await bothWays({ ...SCENE, transport, layout })
    assert.equal(virtual.error_code, null)
    assert(virtual.attendance_logs.length > SCENE.records * 0.9)
    assert.deepEqual(replayed, virtual)
  })

  test.each([
    'torn-packets',
    'single-bytes',
    'glued-packets',
    'stray-replies',
    'session-id-is-packet-index',
    'events-while-reading',
  ] as const)('of a device with %s', async fault => {
    const { virtual, replayed } = await bothWays({ ...SCENE, records: 300, transport, layout: '40', fault })
    assert.equal(virtual.error_code, null)
    assert.deepEqual(replayed, virtual)
  })

  test.each(['auth-locked', 'no-attendance-table', 'encrypted-link', 'counter-too-high'] as const)(
    'and it fails with the same code for %s',
    async fault => {
      const { virtual, replayed } = await bothWays({ ...SCENE, records: 90, transport, layout: '40', fault })
      assert.notEqual(virtual.error_code, null)
      assert.deepEqual(replayed, virtual)
    },
  )

  test('a trace that a crash cut is played back as far as it goes', async () => {
    const { text } = await bothWays({ ...SCENE, records: 90, transport, layout: '40' })
    const cut = decodeTrace(text.slice(0, text.length * 0.4))
    assert.equal(cut.isCut, true)
    const { error_code, attendance_logs } = await syncReplayed(cut)
    assert.notEqual(error_code, null)
    assert.deepEqual(attendance_logs, [])
  })
})

test('what a trace says of the comm key is nothing', async () => {
  const { text } = await bothWays({ ...SCENE, records: 90, transport: 'tcp', layout: '8A' })
  assert(!text.includes(String(SCENE.commKey)))
  assert.match(text, /"bytes":"5050827d0c000000[0-9a-f]{16}\*{8}"/)
})
