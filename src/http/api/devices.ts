import { z } from 'zod'
import { type Checked, checkHost, checkName, checkTags, checkTimezone } from '../../model/device-input.ts'
import { Id, Instant, LocalTime, pageOf } from './common.ts'

const COMM_KEY_MAX = 4_294_967_295

const Transport = z.enum(['auto', 'tcp', 'udp'])

export const Device = z
  .object({
    id: Id,
    name: z.string(),
    host: z.string(),
    port: z.number().int(),
    transport: Transport,
    timezone: z.string().describe('IANA name of the zone that its clock shows.'),
    tags: z.array(z.string()).describe('Words to find it by, in alphabetical order.'),
    is_active: z.boolean(),
    is_live: z.boolean().describe('The wish that its punches be heard as they happen.'),
    live_state: z.enum(['listening', 'unsupported', 'down']).nullable(),
    sets_clock: z.boolean().describe('The wish that its clock be set where it is wrong.'),
    has_comm_key: z.boolean().describe('Whether there is one; the key itself is never told.'),
    serial_number: z.string().nullable(),
    model: z.string().nullable(),
    firmware: z.string().nullable(),
    records_on_device: z.number().int().nullable(),
    log_capacity: z.number().int().nullable(),
    status: z.enum(['ok', 'failing', 'new', 'disabled']).describe('How it is, in one word.'),
    last_synced_at: Instant.nullable(),
    last_error: z.string().nullable(),
    created_at: Instant,
    updated_at: Instant,
  })
  .meta({ id: 'Device', description: 'A biometric device.' })
export type DeviceJson = z.output<typeof Device>
export const DevicePage = pageOf(Device).meta({ id: 'DevicePage' })

const Name = checkedText(checkName).describe('What people call it, 1 to 100 characters.')
const Host = checkedText(text => checkHost(text, 'port')).describe('A host name or an IP address.')
const Port = z.number().int().min(1).max(65_535)
const Timezone = checkedText(checkTimezone).describe(
  'IANA name such as `Europe/Berlin`; that of the server if left out.',
)
const CommKey = z.number().int().min(0).max(COMM_KEY_MAX).describe('0 for none. Accepted, and never told again.')

/** Judged as a whole; what is much too long is not looked at. */
const Tags = z
  .array(z.string().max(300))
  .max(1000)
  .superRefine((texts, context) => {
    const checked = checkTags(texts)
    if ('fault' in checked) context.addIssue({ code: 'custom', message: checked.fault })
  })
  .overwrite(texts => {
    const checked = checkTags(texts)
    return 'value' in checked ? [...checked.value] : texts
  })
  .describe(
    'All of its tags: 20 at most, of 1 to 40 characters, without commas. Two that differ in case alone are one.',
  )

export const NewDevice = z
  .strictObject({
    name: Name,
    host: Host,
    port: Port.default(4370),
    transport: Transport.default('auto'),
    timezone: Timezone.optional(),
    tags: Tags.default([]),
    is_active: z.boolean().default(true),
    is_live: z.boolean().default(false),
    sets_clock: z.boolean().default(false),
    comm_key: CommKey.default(0),
  })
  .meta({ id: 'NewDevice' })

export const DeviceChanges = z
  .strictObject({
    name: Name,
    host: Host,
    port: Port,
    transport: Transport,
    timezone: Timezone,
    tags: Tags,
    is_active: z.boolean(),
    is_live: z.boolean(),
    sets_clock: z.boolean(),
    comm_key: CommKey,
  })
  .partial()
  .refine(changes => Object.keys(changes).length > 0, 'give at least one setting to change')
  .meta({ id: 'DeviceChanges', description: 'What is given is changed, the rest stays.' })

export const SyncStarted = z
  .object({
    device_id: Id,
    status: z
      .enum(['started', 'running'])
      .describe('`running`: a sync that was asked for here is under way or waits already.'),
  })
  .meta({ id: 'SyncStarted' })

export const Person = z
  .object({
    uid: z.number().int().describe('The slot on the device, reused after a person is deleted.'),
    user_id: z.string(),
    name: z.string(),
    first_seen_local: LocalTime,
    last_seen_local: LocalTime,
  })
  .meta({
    id: 'Person',
    description: 'A person in a slot of a device, and the span in which the device was seen to hold them.',
  })
export type PersonJson = z.output<typeof Person>
export const PersonPage = pageOf(Person).meta({ id: 'PersonPage' })

export const ClockReading = z
  .object({
    read_at: Instant,
    local_time: LocalTime,
    drift_s: z.number().int().describe('How many seconds it ran ahead; negative: behind.'),
    kind: z.enum(['read', 'set']),
  })
  .meta({ id: 'ClockReading' })
export type ClockReadingJson = z.output<typeof ClockReading>
export const ClockReadingPage = pageOf(ClockReading).meta({ id: 'ClockReadingPage' })

export const Coverage = z
  .object({
    device_id: Id,
    proven_until: Instant.nullable(),
    standing: z.string().describe('How it stands now, in a sentence.'),
    line: z.string().describe('All of it in one line.'),
    stretches: z.array(
      z.object({
        kind: z.enum(['complete', 'gap']),
        from: Instant,
        until: Instant.nullable().describe('Null while a gap lasts.'),
        reason: z.string(),
        why: z.string().nullable(),
        missing: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Coverage', description: 'For which time the log of a device is proven complete.' })
export type CoverageJson = z.output<typeof Coverage>

/** Text that the model judges, in the words of the model. */
function checkedText(check: (text: string) => Checked) {
  return z
    .string()
    .max(300)
    .superRefine((text, context) => {
      const checked = check(text)
      if ('fault' in checked) context.addIssue({ code: 'custom', message: checked.fault })
    })
    .overwrite(text => {
      const checked = check(text)
      return 'value' in checked ? checked.value : text
    })
}
