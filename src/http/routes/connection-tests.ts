import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { asRollcallError } from '../../base/errors.ts'
import { whoAsks } from '../access.ts'
import { IdParams } from '../api/common.ts'
import { TestReport, type TestReportJson, TestTarget, TestWishes } from '../api/connection-test.ts'
import type { Api } from '../app.ts'
import { EventStream } from '../event-stream.ts'
import type { HttpParts, TestTold } from '../parts.ts'
import { problemFrom, RequestProblem } from '../problems.ts'
import { type OpenStreams, untilGone } from '../streams.ts'

/** Each holds a connection to a device, and some minutes of somebody's patience. */
const TESTS_AT_ONCE = 8

type Test = (told: TestTold, signal: AbortSignal) => Promise<TestReportJson>

const DESCRIPTION =
  'Changes nothing on the device and stores nothing. With `Accept: text/event-stream` the stages come one by one, as `test.stage_started` and `test.stage`, and at last the whole as `test.finished`, or a problem as `test.failed`. Ends when the client goes away.'
const response = {
  200: {
    description: 'What was found. A connection that does not work is a result, too.',
    content: { 'application/json': { schema: TestReport }, 'text/event-stream': { schema: z.string() } },
  },
}
const tags = ['devices']

export function addConnectionTestRoutes(app: Api, parts: HttpParts, streams: OpenStreams): void {
  const { work, audit } = parts
  const tester = new Tester(parts, streams)
  app.post(
    '/api/v1/devices/test',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'testAddress',
        tags,
        summary: 'Test Connection of an address, before it is saved',
        description: DESCRIPTION,
        body: TestTarget,
        response,
      },
    },
    async (request, reply) => {
      const { host, port, transport, timezone, comm_key: commKey, punch_wait_s: punchWaitS } = request.body
      const target = { host, port, transport, timezone, commKey, punchWaitMs: punchWaitS * 1000 }
      const details = { host, port, transport }
      await audit.record({ who: whoAsks(request), action: 'address.tested', subject: null, details })
      return await tester.run(request, reply, (told, signal) => work.testAddress(target, told, signal))
    },
  )
  app.post(
    '/api/v1/devices/:id/test',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'testDevice',
        tags,
        summary: 'Test Connection of a device as it is saved',
        description: DESCRIPTION,
        params: IdParams,
        body: TestWishes.nullish(),
        response,
      },
    },
    async (request, reply) => {
      const { id } = await parts.store.devices.get(request.params.id)
      const target = { id, punchWaitMs: (request.body?.punch_wait_s ?? 0) * 1000 }
      return await tester.run(request, reply, (told, signal) => work.testDevice(target, told, signal))
    },
  )
}

/** Runs tests, a few at once, each for as long as its client listens. */
class Tester {
  readonly #parts: HttpParts
  readonly #streams: OpenStreams
  #underWay = 0

  constructor(parts: HttpParts, streams: OpenStreams) {
    this.#parts = parts
    this.#streams = streams
  }

  async run(request: FastifyRequest, reply: FastifyReply, test: Test): Promise<never> {
    if (this.#underWay >= TESTS_AT_ONCE) {
      reply.header('retry-after', '30')
      throw new RequestProblem('TOO_MANY_REQUESTS', `${TESTS_AT_ONCE} tests of connections are under way already`)
    }
    this.#underWay++
    try {
      if (/\btext\/event-stream\b/.test(request.headers.accept ?? '')) await this.#stream(reply, test)
      else await this.#answer(reply, test)
    } finally {
      this.#underWay--
    }
    return reply as never
  }

  async #answer(reply: FastifyReply, test: Test): Promise<void> {
    using client = untilGone(reply, this.#streams)
    reply.send(await test({ onStart: () => {}, onStage: () => {}, onWait: () => {} }, client.signal))
  }

  async #stream(reply: FastifyReply, test: Test): Promise<void> {
    const { clock } = this.#parts.base
    using stream = new EventStream(reply, { clock, streams: this.#streams })
    const send = (name: string, data: object) => stream.send(name, JSON.stringify(data))
    try {
      const report = await test(
        {
          onStart: start => send('test.stage_started', start),
          onStage: stage => send('test.stage', stage),
          onWait: holder => send('test.waiting', { holder }),
        },
        stream.gone,
      )
      send('test.finished', report)
    } catch (error) {
      if (stream.gone.aborted) return
      const problem = problemFrom(error)
      if (problem.status === 500) this.#parts.base.log.error(asRollcallError(error).message)
      send('test.failed', problem)
    }
  }
}
