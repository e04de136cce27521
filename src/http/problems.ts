import type { FastifyReply } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { asRollcallError, ERROR_CODES, type ErrorCode, RollcallError } from '../base/errors.ts'
import type { ProblemJson } from './api/common.ts'

/** What can be wrong with a request itself. docs/api.md holds the same table. */
export const REQUEST_PROBLEMS = {
  MALFORMED_REQUEST: { status: 400, title: 'the request cannot be read', nextStep: 'send well-formed HTTP and JSON' },
  NOT_SIGNED_IN: {
    status: 401,
    title: 'it is not known who asks',
    nextStep: 'sign in, or send a token that is valid: Authorization: Bearer TOKEN',
  },
  NOT_ALLOWED: { status: 403, title: 'this needs the role admin', nextStep: 'ask an admin to do it, or for that role' },
  FOREIGN_ORIGIN: {
    status: 403,
    title: 'a change by session comes from another web page',
    nextStep:
      'use the pages of Rollcall itself; behind a proxy set ROLLCALL_TRUST_PROXY to its address; programs use a token',
  },
  NO_SUCH_ROUTE: { status: 404, title: 'there is nothing at this address', nextStep: 'see /docs for what there is' },
  DEVICE_INACTIVE: {
    status: 409,
    title: 'the device is disabled',
    nextStep: 'enable it first: PATCH its is_active to true',
  },
  BODY_TOO_LARGE: { status: 413, title: 'the body of the request is too large', nextStep: 'send less at once' },
  UNKNOWN_CONTENT_TYPE: {
    status: 415,
    title: 'the body of the request is no JSON',
    nextStep: 'send JSON with Content-Type: application/json',
  },
  INVALID_REQUEST: {
    status: 422,
    title: 'a field of the request cannot be used',
    nextStep: 'correct the fields that errors names; see /docs',
  },
  TOO_MANY_REQUESTS: { status: 429, title: 'too many requests', nextStep: 'wait as long as Retry-After says' },
  // Nobody gets it; the status is the one that proxies have made usual.
  CLIENT_GONE: {
    status: 499,
    title: 'the client has left before its answer',
    nextStep: 'ask again, and wait for the answer',
  },
  SERVER_ENDS: {
    status: 503,
    title: 'the server is being stopped',
    nextStep: 'ask again in a moment, once it has started again',
  },
} as const
export type RequestProblemCode = keyof typeof REQUEST_PROBLEMS

/** The status of each error that a caller can do something about, or should try again after. All others are 500. */
const STATUS_OF_ERROR: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  LEASE_HELD: 409,
  DEVICE_TWICE: 409,
  DATABASE_IN_USE: 409,
  ACCOUNT_EXISTS: 409,
  LAST_ADMIN: 409,
  SIGN_IN_REFUSED: 401,
  LINK_REFUSED: 403,
  PASSWORD_REFUSED: 422,
  TOO_MANY_TRIES: 429,
  CONFIG_INVALID: 422,
  COMM_KEY_RANGE: 422,
  TIME_RANGE: 422,
  STORE_UNAVAILABLE: 503,
  STORE_UNREACHABLE: 503,
  QUEUE_UNAVAILABLE: 503,
}

/** Errors of Fastify by their code; others by their status. */
const CODE_OF_FRAMEWORK: Readonly<Record<string, RequestProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNKNOWN_CONTENT_TYPE',
  FST_ERR_NOT_FOUND: 'NO_SUCH_ROUTE',
}
const CODE_OF_STATUS: Readonly<Record<number, RequestProblemCode>> = {
  404: 'NO_SUCH_ROUTE',
  413: 'BODY_TOO_LARGE',
  415: 'UNKNOWN_CONTENT_TYPE',
  429: 'TOO_MANY_REQUESTS',
}

/** A request that is refused, by its code and in the words of this case. */
export class RequestProblem extends Error {
  readonly code: RequestProblemCode
  readonly errors: ProblemJson['errors']

  constructor(code: RequestProblemCode, detail: string, errors?: ProblemJson['errors']) {
    super(detail)
    this.name = 'RequestProblem'
    this.code = code
    this.errors = errors
  }
}

/** One field that cannot be used. */
export function invalidField(place: 'query' | 'body' | 'path', field: string, message: string): RequestProblem {
  return new RequestProblem('INVALID_REQUEST', `${field} ${message}`, [{ in: place, field, message }])
}

/** Whatever was thrown, as a problem document. Says nothing of what is inside: no stack, no statement, no secret. */
export function problemFrom(error: unknown): ProblemJson {
  if (error instanceof RequestProblem) return requestProblem(error.code, error.message, error.errors)
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error)
  if (error instanceof RollcallError && error.code !== 'DEFECT') return errorProblem(error)
  const { code, statusCode } = frameworkError(error)
  const known = CODE_OF_FRAMEWORK[code] ?? CODE_OF_STATUS[statusCode]
  if (known) return requestProblem(known, REQUEST_PROBLEMS[known].title)
  if (statusCode >= 400 && statusCode < 500) {
    const detail = code === 'FST_ERR_CTP_EMPTY_JSON_BODY' ? 'the body is empty, and its type says JSON' : undefined
    return requestProblem('MALFORMED_REQUEST', detail ?? 'the request, or the JSON in its body, cannot be read')
  }
  return { ...errorProblem(asRollcallError(error)), detail: 'the log file of the server says more' }
}

export function sendProblem(reply: FastifyReply, problem: ProblemJson): FastifyReply {
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem))
}

export function requestProblem(code: RequestProblemCode, detail: string, errors?: ProblemJson['errors']): ProblemJson {
  const { status, title, nextStep } = REQUEST_PROBLEMS[code]
  return { type: typeOf(code), title, status, detail, code, next_step: nextStep, ...(errors ? { errors } : {}) }
}

function errorProblem(error: RollcallError): ProblemJson {
  const { code, message, nextStep } = error
  const status = STATUS_OF_ERROR[code] ?? 500
  return { type: typeOf(code), title: ERROR_CODES[code].means, status, detail: message, code, next_step: nextStep }
}

const PLACES: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' }

function validationProblem(error: {
  validation: readonly { instancePath: string; message?: string | undefined; params?: Record<string, unknown> }[]
  validationContext?: string | undefined
}): ProblemJson {
  const place = PLACES[error.validationContext ?? ''] ?? error.validationContext ?? 'body'
  const errors = error.validation.flatMap(({ instancePath, message = 'cannot be used', params }) => {
    // A name that is not known stands in the parameters, and the path is that of the object around it.
    const keys = Array.isArray(params?.keys) ? params.keys.map(key => `/${String(key)}`) : ['']
    return keys.map(key => ({ in: place, field: fieldOf(`${instancePath}${key}`), message }))
  })
  const [first] = errors
  const detail = first ? `${first.field || `the ${place}`}: ${first.message}` : 'the request cannot be used'
  return requestProblem('INVALID_REQUEST', detail, errors)
}

function fieldOf(path: string): string {
  return path.replace(/^\/+/, '').replaceAll('/', '.')
}

function typeOf(code: string): string {
  return `urn:rollcall:problem:${code.toLowerCase().replaceAll('_', '-')}`
}

function frameworkError(error: unknown): { code: string; statusCode: number } {
  if (!(error instanceof Error)) return { code: '', statusCode: 500 }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const statusCode = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  return { code, statusCode }
}
