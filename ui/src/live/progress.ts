import { useSyncExternalStore } from 'react'

/** How far a sync has come; all zero while it begins. */
export interface Progress {
  readonly device_id: number
  readonly bytes_received: number
  readonly bytes_total: number
  readonly records_received: number
  readonly records_total: number
}

/** Syncs under way, as far as the server that this page listens to runs them. */
export class ProgressBoard {
  readonly #running = new Map<number, Progress>()
  readonly #listeners = new Set<() => void>()

  tell(progress: Progress): void {
    this.#running.set(progress.device_id, progress)
    this.#changed()
  }

  end(deviceId: number): void {
    if (this.#running.delete(deviceId)) this.#changed()
  }

  clear(): void {
    if (this.#running.size === 0) return
    this.#running.clear()
    this.#changed()
  }

  of(deviceId: number): Progress | null {
    return this.#running.get(deviceId) ?? null
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

export function useProgressOf(board: ProgressBoard, deviceId: number): Progress | null {
  return useSyncExternalStore(board.watch, () => board.of(deviceId))
}
