import type { ProblemJson } from './types.ts'

/** What went wrong with a request, in the words of the server where it gave any. */
export class ApiProblem extends Error {
  /** 0 where no answer came. */
  readonly status: number
  /** One of docs/errors.md and docs/api.md, or `SERVER_AWAY` where no answer came. */
  readonly code: string
  /** Empty where the server said none. */
  readonly nextStep: string
  /** By name of field. */
  readonly fields: Readonly<Record<string, string>>

  constructor(problem: Pick<ProblemJson, 'status' | 'code' | 'detail' | 'next_step' | 'errors'>) {
    super(problem.detail)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.code = problem.code
    this.nextStep = problem.next_step
    this.fields = Object.fromEntries((problem.errors ?? []).map(({ field, message }) => [field, message]))
  }
}

export type Params = Readonly<Record<string, string | number | readonly (string | number)[] | null | undefined>>

/** `?a=1&b=2&b=3`; what is null, undefined or empty is left out. */
export function queryText(params: Params): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') search.append(name, String(one))
    }
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

/** @throws ApiProblem; the reason of `signal`. */
export function apiGet<Answer>(path: string, options: { params?: Params; signal?: AbortSignal } = {}): Promise<Answer> {
  return ask('GET', `${path}${queryText(options.params ?? {})}`, { signal: options.signal })
}

/** @throws ApiProblem. */
export function apiSend<Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer> {
  return ask(method, path, { body })
}

async function ask<Answer>(
  method: string,
  path: string,
  { body, signal }: { body?: object | undefined; signal?: AbortSignal | undefined },
): Promise<Answer> {
  const response = await send(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
  })
  return (response.status === 204 ? null : await response.json()) as Answer
}

/** An answer that is good. @throws ApiProblem; the reason of a signal. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiProblem({ status: 0, code: 'SERVER_AWAY', detail: '', next_step: '' })
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false
  if (isProblem) return new ApiProblem((await response.json()) as ProblemJson)
  // A proxy between, such as one whose server is being started again.
  return new ApiProblem({ status, code: status >= 502 ? 'SERVER_AWAY' : 'DEFECT', detail: '', next_step: '' })
}
