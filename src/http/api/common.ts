import { z } from 'zod'

/** Ids are whole numbers that JavaScript can hold exactly. */
const ID_MAX = Number.MAX_SAFE_INTEGER

export const Id = z.number().int().positive().max(ID_MAX)
/** In a path or a query everything is text. */
export const IdText = z.coerce.number().int().positive().max(ID_MAX)
export const Instant = z.iso.datetime().describe('An instant, UTC.')
export const LocalTime = z.string().describe('`YYYY-MM-DD HH:MM:SS`, as the device said it, without a zone.')
export const Hex = z.string().describe('Bytes in lower-case hex.')

export const IdParams = z.object({ id: IdText })

const LIMIT_MAX = 1000
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(50).describe('How many at most, 1 to 1000.'),
  cursor: z.string().max(400).optional().describe('`next_cursor` of the page before.'),
}

/** Filters of text: a NUL is in no user id, and PostgreSQL takes it for an error of ours. */
/** Not every database keeps such a text, nor compares with it. */
export const WITHOUT_NUL = [(text: string) => !text.includes('\0'), 'must not hold NUL characters'] as const

export const FilterText = z
  .string()
  .min(1)
  .max(100)
  .refine(...WITHOUT_NUL)

export const MomentText = z
  .string()
  .min(1)
  .max(60)
  .describe('`2026-11-22`, `2026-11-22T14:30`, `2026-11-22T14:30:00Z`, or an age such as `90s`, `2h`, `7d`.')

/** `device_id=1&device_id=3` */
export const DeviceIds = z.preprocess(
  value => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(IdText).max(100).optional().describe('Of this device alone; may be given several times.'),
)

/** A list as it leaves the API. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Give it back as `cursor` for the next page; null on the last one.'),
  })
}

export const Problem = z
  .object({
    type: z.string().describe('A name of the kind of problem, `urn:rollcall:problem:` and the code in lower case.'),
    title: z.string().describe('What the code means, the same for each problem of its kind.'),
    status: z.number().int(),
    detail: z.string().describe('What happened here.'),
    code: z.string().describe('Stable, for programs. docs/errors.md and docs/api.md list all.'),
    next_step: z.string().describe('What a person should do.'),
    errors: z
      .array(
        z.object({
          in: z.string().describe('`body`, `query`, `path` or `headers`.'),
          field: z.string().describe('The name of the field; empty where it is the whole.'),
          message: z.string(),
        }),
      )
      .optional()
      .describe('Each field that cannot be used.'),
  })
  .meta({ id: 'Problem', description: 'What went wrong, after RFC 9457.' })
export type ProblemJson = z.output<typeof Problem>

export const Health = z
  .object({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Health', description: 'The process runs and reaches its database.' })
