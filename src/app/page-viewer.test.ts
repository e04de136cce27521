import assert from 'node:assert/strict'
import { test } from 'vitest'
import { StoreError } from '../base/errors.ts'
import type { Device } from '../model/device.ts'
import type { AttendanceLog } from '../model/punch.ts'
import { PageViewer } from './page-viewer.ts'

/** Devices that all have the same people, and count how often they are asked for. */
class Scene {
  ms = 0
  readonly asked = { devices: 0, people: 0 }
  readonly reads = { at: new Date(1) }
  gate = 'Gate'
  person = 'Ada'
  fails = false
  readonly viewer = new PageViewer({
    clock: { monotonicMs: () => this.ms },
    store: {
      devices: { list: () => this.#devices() },
      people: { spans: async () => this.#people() },
    } as unknown as ConstructorParameters<typeof PageViewer>[0]['store'],
  })

  async names(...deviceIds: number[]): Promise<string[]> {
    const views = await this.viewer.view(deviceIds.map(logOf))
    return views.map(({ device, name }) => `${name} at ${device}`)
  }

  async #devices(): Promise<Device[]> {
    this.asked.devices++
    if (this.fails) throw new StoreError('STORE_UNAVAILABLE', 'away')
    return [{ name: this.gate, peopleReadAt: this.reads.at } as Device]
  }

  #people() {
    this.asked.people++
    return [
      { userId: '7', name: 'once another' },
      { userId: '7', name: this.person },
    ]
  }
}

function logOf(deviceId: number): AttendanceLog {
  return { deviceId, deviceUserId: '7' } as AttendanceLog
}

test('names are asked for once for many pages, one device at a time', async () => {
  const scene = new Scene()
  assert.deepEqual(await scene.names(1, 2, 1), ['Ada at Gate', 'Ada at Gate', 'Ada at Gate'])
  await Promise.all([scene.names(1), scene.names(2, 1)])
  assert.deepEqual(scene.asked, { devices: 2, people: 2 })
})

test('a new name of a device is seen within seconds, and its people are read anew only when the device told them anew', async () => {
  const scene = new Scene()
  await scene.names(1)
  scene.gate = 'Door'
  scene.person = 'Ben'
  assert.deepEqual(await scene.names(1), ['Ada at Gate'])
  scene.ms += 5_000
  assert.deepEqual(await scene.names(1), ['Ada at Door'])
  assert.deepEqual(scene.asked, { devices: 2, people: 1 })
  scene.reads.at = new Date(2)
  scene.ms += 5_000
  assert.deepEqual(await scene.names(1), ['Ben at Door'])
})

test('a look that fails fails the page, and the next page looks again', async () => {
  const scene = new Scene()
  scene.fails = true
  await assert.rejects(scene.names(1), { code: 'STORE_UNAVAILABLE' })
  scene.fails = false
  assert.deepEqual(await scene.names(1), ['Ada at Gate'])
})

test('names of a device that no page shows any more are let go of', async () => {
  const scene = new Scene()
  await scene.names(1)
  for (let look = 0; look < 2; look++) {
    scene.ms += 5_000
    await scene.names(2)
  }
  await scene.names(1)
  assert.equal(scene.asked.people, 3)
})
