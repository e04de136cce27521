import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ErrorCode } from '../../src/base/errors.ts'
import { type LayoutName, recordBytes } from '../../src/codec/binary/attendance-record.ts'
import { Command } from '../../src/codec/binary/commands.ts'
import type { SyncEvent } from '../../src/sync/events.ts'
import type { VirtualDevice } from '../../src/virtual/device.ts'
import { FAULTS, type FaultName } from '../../src/virtual/faults.ts'
import { isLong } from '../long.ts'
import { assertTruth, storedOf } from './truth.ts'
import { World } from './world.ts'

const LAYOUTS: readonly LayoutName[] = ['8A', '8B', '16', '36', '40', '49', '40+20']
const TRANSPORTS = ['tcp', 'udp'] as const
/** Enough for several slices over either transport, and for the layout to be proven. */
const RECORDS = 90
const NEWS = 60
/** A log up to this comes along with its announcement, whole. */
const INLINE_BYTES = 1_024
/** Their list is longer than what is sent in one packet, as is the log. */
const PEOPLE = 40
const MINUTE_MS = 60_000
const TRIES_UNDER_FAULT = 3

/** The device lies about who it is: at first contact nobody can know. */
const ONLY_AFTER_FIRST_CONTACT: ReadonlySet<FaultName> = new Set(['wrong-serial'])

/** Nothing can be read while these last, and every try says why. */
const SPOILS: { readonly [name in FaultName]?: { tcp?: ErrorCode; udp?: ErrorCode } } = {
  'records-hidden': both('RECORDS_HIDDEN'),
  'auth-locked': both('COMM_KEY_LOCKED'),
  'encrypted-link': both('ENCRYPTED_LINK'),
  'menu-open': both('REPLY_TIMEOUT'),
  'wrong-serial': both('SERIAL_MISMATCH'),
  'malformed-option': both('REPLY_DATA'),
  'answers-code': both('DEVICE_FAULT'),
  'no-attendance-table': both('NO_ATTENDANCE_TABLE'),
  'prepare-answers-retry': both('DEVICE_BUSY'),
  'counter-too-high': both('COUNT_MISMATCH'),
  'counter-too-low': both('COUNT_MISMATCH'),
  'slice-short': both('READ_INCOMPLETE'),
  'slice-long': both('READ_INCOMPLETE'),
  'announced-size-too-big': both('COMMAND_FAILED'),
  'announced-size-too-small': both('READ_INCOMPLETE'),
  // Over UDP the client falls back on single packets, which need no announcement and have no order.
  'slice-announcement-differs': { tcp: 'READ_INCOMPLETE' },
  'data-repeated': { tcp: 'READ_INCOMPLETE' },
  'data-out-of-order': { tcp: 'READ_INCOMPLETE' },
  'endless-data': { tcp: 'READ_INCOMPLETE' },
  'huge-announcement': both('LOG_TOO_LARGE'),
  'refuses-connection': both('CONNECTION_REFUSED'),
  'never-answers': both('REPLY_TIMEOUT'),
  'hangs-up': { tcp: 'CONNECTION_LOST', udp: 'REPLY_TIMEOUT' },
  'web-page-at-port': { tcp: 'STREAM_CORRUPT', udp: 'REPLY_TIMEOUT' },
  'access-panel-at-port': { tcp: 'STREAM_CORRUPT', udp: 'REPLY_TIMEOUT' },
  'trickle-for-ever': { tcp: 'TIME_BUDGET_SPENT', udp: 'REPLY_TIMEOUT' },
}

/** These spoil some tries, by chance or by what stands in the log, and then say one of these. Every other fault spoils none. */
const SOMETIMES: { readonly [name in FaultName]?: readonly ErrorCode[] } = {
  'clock-reset-2000': ['LAYOUT_UNPROVEN'],
  // Of a tail, which does not see the length word, the counter alone tells; see firstOfTail.
  'size-changes-between': ['READ_INCOMPLETE', 'COUNT_MISMATCH'],
  'half-open': ['REPLY_TIMEOUT'],
  'lost-packets': ['REPLY_TIMEOUT', 'READ_INCOMPLETE'],
  'doubled-packets': ['READ_INCOMPLETE'],
  'corrupted-bytes': ['REPLY_TIMEOUT', 'READ_INCOMPLETE'],
  'cut-connection': ['CONNECTION_LOST'],
  'garbage-stream': ['STREAM_CORRUPT', 'REPLY_TIMEOUT'],
}

function both(code: ErrorCode): { tcp: ErrorCode; udp: ErrorCode } {
  return { tcp: code, udp: code }
}

/**
 * A log whose every record is dated 2000 proves no layout: records read one byte off look the same. It is read as soon as enough
 * punches with a date stand beside them.
 */
const PUNCHES_TO_OUTWEIGH_2000 = 60

/**
 * Records of 8 bytes name a slot alone. Who held it before Rollcall first saw the device is on no wire, so what was punched
 * before a slot changed hands unseen cannot be told (docs/decisions/slots.md). After the first contact, what was punched
 * between the last sight of one person and the first of the next is quarantined.
 */
function changesHands({ fault, layout }: Pick<Case, 'fault' | 'layout'>): boolean {
  return fault === 'slot-reused' && layout.startsWith('8')
}

interface Case {
  fault: FaultName
  transport: 'tcp' | 'udp'
  layout: LayoutName
  firstContact: 'before the fault' | 'under the fault'
}

const ALL = isLong('every other pair of a fault and a layout over each transport')

/** Each fault meets each layout, over one of the transports: over which one alternates. */
function isTaken(fault: number, layout: number, transport: number): boolean {
  return ALL || (fault + layout + transport) % 2 === 0
}

for (const [t, transport] of TRANSPORTS.entries()) {
  for (const [l, layout] of LAYOUTS.entries()) {
    describe(`over ${transport.toUpperCase()}, records of layout ${layout}: every punch once, and no wrong row`, () => {
      for (const [f, fault] of (Object.keys(FAULTS) as FaultName[]).entries()) {
        if (!isTaken(f, l, t)) continue
        test(`${fault}, after a first contact`, () =>
          simulate({ fault, transport, layout, firstContact: 'before the fault' }))
        if (ONLY_AFTER_FIRST_CONTACT.has(fault)) continue
        if (changesHands({ fault, layout })) continue
        test(`${fault}, from the first contact on`, () =>
          simulate({ fault, transport, layout, firstContact: 'under the fault' }))
      }
    })
  }
}

async function simulate(one: Case): Promise<void> {
  const { fault, transport, layout, firstContact } = one
  const seed = seedOf(`${fault} ${transport} ${layout} ${firstContact}`)
  await using world = new World({ seed })
  const device = world.attach({
    seed,
    host: 'gate',
    transports: transport,
    profile: layout === '16' || layout.startsWith('8') ? 'black-and-white' : 'colour-screen',
    layout,
    packetBytes: 1008,
  })
  if (firstContact === 'before the fault') {
    device.fillLog(RECORDS)
    const entry = await world.add('gate', transport)
    assert.equal(await sync(world), 0)
    assert.deepEqual(world.warnings, [])
    await assertDevice(world, device, entry.id, 'none')
    device.setFault(fault, 'on')
    // So many that the end of the log takes more than one packet in most layouts.
    for (let i = 0; i < NEWS; i++) await punch(world, device)
  } else {
    await world.add('gate', transport)
    device.setFault(fault, 'on')
    // A clock that fell back to 2000 has no past to fill a log with.
    device.addPeople(PEOPLE)
    if (fault !== 'clock-reset-2000') device.fillLog(RECORDS)
    else for (let i = 0; i < RECORDS; i++) await punch(world, device)
  }
  const id = 1
  const eventsBefore = world.events.length
  for (let i = 0; i < TRIES_UNDER_FAULT; i++) {
    await sync(world)
    await assertDevice(world, device, id, 'some')
    await punch(world, device)
  }
  assertToldWhy(one, world.events.slice(eventsBefore))
  device.clearFaults()
  const punches = fault === 'clock-reset-2000' ? PUNCHES_TO_OUTWEIGH_2000 : 1
  for (let i = 0; i < punches; i++) await punch(world, device)
  await world.run(world.clock.sleep(5 * MINUTE_MS))
  const failed = await sync(world)
  assert.equal(failed, 0, `after the fault: ${JSON.stringify(world.events.at(-1))}`)
  await assertDevice(world, device, id, changesHands(one) ? 'some' : 'none')
  if (changesHands(one)) await assertNothingDropped(world, device, id)
  assertGentle(device)
  assert.equal(world.network.openLinks, 0, 'a link was left open')
}

/** The tries under the fault failed or ended well as the fault demands, and said the right code. */
function assertToldWhy(one: Case, events: readonly SyncEvent[]): void {
  const { fault, transport } = one
  const codes = events.flatMap(event => (event.event === 'device.failed' ? [event.code] : []))
  const spoilt = SPOILS[fault]?.[transport]
  if (spoilt)
    assert.deepEqual(
      codes,
      Array(TRIES_UNDER_FAULT)
        .fill(spoilt)
        .with(0, firstOfTail(one) ?? spoilt),
    )
  const sometimes = SOMETIMES[fault] ?? []
  if (!spoilt)
    assert(
      codes.every(code => sometimes.includes(code)),
      `failed with ${codes}`,
    )
}

/**
 * A tail does not see the length word of the log, so that an announcement that is short by whole records is contradicted by the
 * counter alone. The next try reads everything, and says what a whole read says.
 */
function firstOfTail({ fault, layout, firstContact }: Case): ErrorCode | null {
  const isTail = firstContact === 'before the fault' && RECORDS * recordBytes(layout) > INLINE_BYTES
  return isTail && fault === 'announced-size-too-small' ? 'COUNT_MISMATCH' : null
}

async function sync(world: World): Promise<number> {
  const engine = await world.engine()
  const summary = await world.run(engine.syncOnce({}, new AbortController().signal))
  return summary.failed
}

async function punch(world: World, device: VirtualDevice): Promise<void> {
  await world.run(world.clock.sleep(world.base.random.int(1, 50) * 1_000))
  device.punchBySomebody()
}

async function assertDevice(world: World, device: VirtualDevice, id: number, missing: 'none' | 'some'): Promise<void> {
  assertTruth(device, await storedOf(await world.store(), id), { missing })
}

/** Each punch is a row, or lies in quarantine because it may be either person's. */
async function assertNothingDropped(world: World, device: VirtualDevice, id: number): Promise<void> {
  const { logs, quarantined } = await storedOf(await world.store(), id)
  assert(quarantined.every(record => record.reason === 'AMBIGUOUS_UID'))
  assert.equal(logs.length + quarantined.length, device.recordCount)
}

/** Reading changed nothing on the device. */
function assertGentle(device: VirtualDevice): void {
  const { stats } = device
  assert.deepEqual(
    [stats.disables, stats.clears, stats.wipes, stats.userWrites, stats.timeWrites, stats.restarts, stats.markerMoves],
    [0, 0, 0, 0, 0, 0, 0],
  )
  assert(stats.requestsOf(Command.Connect) > 0)
}

/** A case has the same seed in every run, and no two cases the same one. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  return hash
}
