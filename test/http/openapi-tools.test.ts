import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { generate } from 'orval'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openAccountsOf } from '../../src/app/accounts.ts'
import { HttpScene } from './scene.ts'

/** What a program does with the client, for the compiler to judge: it is never run. */
const USE = `import { addDevice, listAttendanceLogs, listDevices, testDevice } from './client.ts'

const page = await listDevices({ limit: 1 })
if (page.status === 200) page.data.data[0]?.name satisfies string | undefined
else page.data.next_step satisfies string
const logs = await listAttendanceLogs({ device_id: [1], since: '1d' })
if (logs.status === 200) logs.data.next_cursor satisfies string | null
await testDevice(1)
await testDevice(1, { punch_wait_s: 30 })
// @ts-expect-error A device has an address.
await addDevice({ name: 'Gate' })
// @ts-expect-error There is no such transport.
await addDevice({ name: 'Gate', host: 'h', transport: 'pigeon' })
`
const COMPILER_OPTIONS = {
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  target: 'esnext',
  module: 'nodenext',
  lib: ['esnext', 'dom', 'dom.iterable'],
  types: [],
}

/** Functions of the generated client, as far as they are called here; the compiler judges the whole of it. */
type Client = Record<
  'addDevice' | 'listDevices' | 'listAttendanceLogs' | 'explainAttendanceLog',
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of any form, and a wrong look fails them.
  (...parameters: unknown[]) => Promise<{ status: number; data: any }>
>

describe('other programs take the OpenAPI document', () => {
  let scene: HttpScene
  let text: string
  let folder: string
  beforeAll(async () => {
    // With all routes: those of accounts are in the document only where there are accounts.
    scene = await HttpScene.open()
    await using whole = await HttpScene.open({ accountsOf: openAccountsOf })
    text = (await whole.get('/openapi.json', { as: 'nobody' })).text
    folder = mkdtempSync(join(tmpdir(), 'rollcall-client-'))
    writeFileSync(join(folder, 'openapi.json'), text)
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a linter with its recommended rules has nothing to say', async () => {
    const config = await createConfig({ extends: ['recommended'] })
    const lint = async (source: string) => {
      const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config })
      return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
    }
    assert.deepEqual(await lint(text), [])
    // That it looks at all.
    assert(
      (await lint(text.replace('"operationId":"listDevices",', ''))).some(line =>
        line.startsWith('operation-operationId'),
      ),
    )
  })

  test('every tag of a route is explained, and each that is explained has a route', () => {
    const { tags, paths } = JSON.parse(text) as {
      tags: Array<{ name: string; description: string }>
      paths: Record<string, Record<string, { tags: string[] }>>
    }
    const used = new Set(Object.values(paths).flatMap(path => Object.values(path).flatMap(route => route.tags)))
    assert.deepEqual(tags.map(({ name }) => name).sort(), [...used].sort())
    assert(tags.every(({ description }) => description.length > 10))
  })

  test('a client that is generated from it compiles, refuses wrong calls, and works', async () => {
    const target = join(folder, 'client.ts')
    await generate({
      input: { target: join(folder, 'openapi.json') },
      output: { target, client: 'fetch', mode: 'single', baseUrl: scene.web.url },
    })
    await assertCompiles(folder)
    const client = (await import(/* @vite-ignore */ pathToFileURL(target).href)) as Client
    const admin = { headers: { authorization: 'Bearer admin' } }
    const added = await client.addDevice({ name: 'Gate', host: '10.0.0.9', timezone: 'UTC' }, admin)
    assert.deepEqual([added.status, added.data.name, added.data.port], [201, 'Gate', 4370])
    const devices = await client.listDevices({ limit: 10 }, admin)
    assert.deepEqual(
      devices.data.data.map((device: { id: number }) => device.id),
      [added.data.id],
    )
    const { device } = await scene.addLogs(5)
    const first = await client.listAttendanceLogs({ device_id: [device.id], limit: 3 }, admin)
    const { next_cursor: cursor } = first.data
    const rest = await client.listAttendanceLogs({ device_id: [device.id], limit: 3, cursor }, admin)
    assert.deepEqual([first.data.data.length, rest.data.data.length, rest.data.next_cursor], [3, 2, null])
    const explained = await client.explainAttendanceLog(first.data.data[0].id, admin)
    assert.equal(explained.data.attendance_log.device_id, device.id)
    const refused = await client.addDevice({ name: 'Gate', host: '10.0.0.9', port: 0 }, admin)
    assert.deepEqual(
      [refused.status, refused.data.code, refused.data.errors[0].field],
      [422, 'INVALID_REQUEST', 'port'],
    )
    assert.equal((await client.listDevices()).status, 401)
  })
})

async function assertCompiles(folder: string): Promise<void> {
  writeFileSync(join(folder, 'use.ts'), USE)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ['use.ts'] }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) =>
    assert.fail(error.stdout),
  )
}
