import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { HttpScene } from './scene.ts'

interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: Array<{ name: string; in: string; required?: boolean; schema?: object }>
  requestBody?: { content: Record<string, { schema?: object }> }
  responses: Record<string, { description?: string; content?: Record<string, { schema?: object }> }>
}

describe('the OpenAPI document', () => {
  let scene: HttpScene
  let document: {
    openapi: string
    info: { title: string; version: string }
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, object> }
  }
  beforeAll(async () => {
    scene = await HttpScene.open()
    document = (await scene.get('/openapi.json', { as: 'nobody' })).json
  })
  afterAll(async () => await scene[Symbol.asyncDispose]())

  test('is of version 3.1, and every reference leads somewhere', () => {
    assert.match(document.openapi, /^3\.1/)
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(match => match[1] ?? '')
    assert(references.length > 20)
    for (const reference of new Set(references)) {
      const name = reference.replace('#/components/schemas/', '')
      assert(document.components.schemas[name], reference)
    }
    const unused = Object.keys(document.components.schemas).filter(
      name => !references.includes(`#/components/schemas/${name}`),
    )
    assert.deepEqual(unused, [])
    assert(document.components.schemas.Device && document.components.schemas.Problem)
  })

  test('has every route of the API, and each says all there is to know', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    const described = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()
    const routes = scene.web.routes
      .filter(
        ({ method, url }) => method !== 'HEAD' && !url.startsWith('/docs') && !['/', '/openapi.json'].includes(url),
      )
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
      .sort()
    assert.deepEqual(described, routes)
    const ids = new Set<string>()
    for (const { path, method, operation } of operations) {
      const what = `${method} ${path}`
      assert(operation.operationId && operation.summary && operation.tags?.length, what)
      assert(!ids.has(operation.operationId), what)
      ids.add(operation.operationId)
      assert(operation.security, what)
      const problem = operation.responses.default?.content?.['application/problem+json']?.schema
      assert.deepEqual(problem, { $ref: '#/components/schemas/Problem' }, what)
      const success = Object.keys(operation.responses).filter(status => status.startsWith('2'))
      assert.equal(success.length, 1, what)
      for (const { description } of Object.values(operation.responses)) assert(description, what)
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      const told = (operation.parameters ?? []).filter(parameter => parameter.in === 'path')
      assert.deepEqual(
        told.map(({ name }) => name),
        inPath,
        what,
      )
      for (const parameter of operation.parameters ?? []) assert(parameter.schema, `${what} ${parameter.name}`)
      if (/post|patch/.test(method) && operation.requestBody) {
        assert(operation.requestBody.content['application/json']?.schema, what)
      }
    }
  })

  test('says who may call, and holds no comm key in an answer', () => {
    assert.deepEqual(document.paths['/api/v1/health']?.get?.security, [])
    assert.equal(document.paths['/api/v1/devices']?.get?.security?.length, 3)
    assert(!JSON.stringify(document.components.schemas.Device).includes('"comm_key"'))
  })
})
