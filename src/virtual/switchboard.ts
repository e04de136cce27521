import { type Random, seededRandom } from '../base/random.ts'
import type { Behaviour } from './behaviour.ts'
import { BEHAVIOURS } from './behaviours/table.ts'
import type { DeviceInside } from './exchange.ts'
import type { FaultName, FaultSetting } from './faults.ts'
import { usualSetting } from './parse-fault.ts'

/** The faults of one device that are on, in the order in which they were switched on. */
export class Switchboard {
  readonly #device: DeviceInside
  #active: ReadonlyArray<{ setting: FaultSetting; behaviour: Behaviour }> = []
  #behaviours: readonly Behaviour[] = []
  readonly #watchers = new Set<() => void>()

  constructor(device: DeviceInside) {
    this.#device = device
  }

  /** The newest last. */
  get behaviours(): readonly Behaviour[] {
    return this.#behaviours
  }

  get settings(): FaultSetting[] {
    return this.#active.map(({ setting }) => setting)
  }

  on(fault: FaultName | FaultSetting): void {
    const setting = typeof fault === 'string' ? usualSetting(fault) : fault
    const random = seededRandom(seedFor(this.#device.settings.seed, setting.name))
    const { value } = setting
    const strikes = strikesByValue(value, random)
    const behaviour = BEHAVIOURS[setting.name]({ device: this.#device, value, strikes, random })
    this.#replace([...this.#active.filter(other => other.setting.name !== setting.name), { setting, behaviour }])
    behaviour.begin?.()
  }

  off(name: FaultName): void {
    this.#replace(this.#active.filter(({ setting }) => setting.name !== name))
  }

  clear(): void {
    this.#replace([])
  }

  /** Calls `watcher` whenever a fault was switched. */
  watch(watcher: () => void): Disposable {
    this.#watchers.add(watcher)
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) }
  }

  #replace(active: ReadonlyArray<{ setting: FaultSetting; behaviour: Behaviour }>): void {
    this.#active = active
    this.#behaviours = active.map(({ behaviour }) => behaviour)
    for (const watcher of this.#watchers) watcher()
  }
}

/** Below 1 a probability; from 1 on, every n-th time. */
function strikesByValue(value: number, random: Random): () => boolean {
  if (value < 1) return () => random.chance(value)
  let times = 0
  return () => ++times % value === 0
}

/** A seed for each name of one device, by the FNV-1a hash of both. */
export function seedFor(seed: number, name: string): number {
  let hash = 0x811c9dc5
  for (const letter of `${seed}:${name}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
