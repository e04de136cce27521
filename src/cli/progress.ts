import type { MultiBar, SingleBar } from 'cli-progress'
import { spanText } from '../app/span-words.ts'
import type { Clock } from '../base/clock.ts'
import type { ReadProgress } from '../model/device-driver.ts'
import type { ProgressView } from './sync-lines.ts'
import type { Terminal } from './terminal.ts'

/** A read that is smaller and quicker is over before a bar could be read. */
const LARGE_BYTES = 1_000_000
const LONG_MS = 1000
/** Without a terminal each device says at most this often how far it is. */
const LINE_EVERY_MS = 10_000

type Progress = ReadProgress & { readonly startedMsAgo: number }

/** Bars on a terminal, a line now and then elsewhere, nothing at all beside JSON. */
export async function openProgress(parts: {
  terminal: Terminal
  clock: Pick<Clock, 'monotonicMs'>
  json: boolean
}): Promise<ProgressView> {
  if (parts.json) return silentProgress
  if (!parts.terminal.isInteractive) return new ProgressLines(parts.terminal, parts.clock)
  const { default: cliProgress } = await import('cli-progress')
  return new ProgressBars(
    () =>
      new cliProgress.MultiBar(
        {
          format: '  {name} {bar} {records}, {bytes}, {left}',
          stream: process.stdout,
          hideCursor: true,
          clearOnComplete: true,
          barsize: 20,
          fps: 5,
          // Ctrl+C is heard in one place, and must not end the process from here.
          gracefulExit: false,
        },
        cliProgress.Presets.shades_classic,
      ),
  )
}

const silentProgress: ProgressView = { show() {}, end() {}, around: print => print(), [Symbol.dispose]() {} }

class ProgressLines implements ProgressView {
  readonly #terminal: Terminal
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #saidAtMs = new Map<number, number>()

  constructor(terminal: Terminal, clock: Pick<Clock, 'monotonicMs'>) {
    this.#terminal = terminal
    this.#clock = clock
  }

  show(device: { id: number; name: string }, progress: Progress): void {
    const nowMs = this.#clock.monotonicMs()
    const since = this.#saidAtMs.get(device.id) ?? nowMs - progress.startedMsAgo
    if (nowMs - since < LINE_EVERY_MS) return
    this.#saidAtMs.set(device.id, nowMs)
    const { records, bytes, left } = progressTexts(progress)
    this.#terminal.note(`${device.name} - ${records}, ${bytes}, ${left}`)
  }

  end(deviceId: number): void {
    this.#saidAtMs.delete(deviceId)
  }

  around(print: () => void): void {
    print()
  }

  [Symbol.dispose](): void {}
}

interface Bar {
  readonly progress: Progress
  readonly texts: object
  readonly drawn: SingleBar | null
}

/** The bars stand below everything else: for a line they are taken away, and drawn again under it. */
class ProgressBars implements ProgressView {
  readonly #newBars: () => MultiBar
  readonly #shown = new Map<number, Bar>()
  #bars: MultiBar | null = null

  constructor(newBars: () => MultiBar) {
    this.#newBars = newBars
  }

  show(device: { id: number; name: string }, progress: Progress): void {
    const known = this.#shown.get(device.id)
    const isWorthIt = progress.bytesTotal > LARGE_BYTES || progress.startedMsAgo > LONG_MS
    if (!known && !isWorthIt) return
    const bar = { progress, texts: { name: device.name, ...progressTexts(progress) }, drawn: known?.drawn ?? null }
    this.#shown.set(device.id, bar)
    if (bar.drawn) bar.drawn.update(progress.bytesReceived, bar.texts)
    else this.#redrawAfter(() => {})
  }

  end(deviceId: number): void {
    if (this.#shown.delete(deviceId)) this.#redrawAfter(() => {})
  }

  around(print: () => void): void {
    this.#redrawAfter(print)
  }

  [Symbol.dispose](): void {
    this.#shown.clear()
    this.#redrawAfter(() => {})
  }

  #redrawAfter(print: () => void): void {
    this.#bars?.stop()
    this.#bars = null
    print()
    if (this.#shown.size === 0) return
    const bars = this.#newBars()
    for (const [id, bar] of this.#shown) {
      const { bytesTotal, bytesReceived } = bar.progress
      this.#shown.set(id, { ...bar, drawn: bars.create(bytesTotal, bytesReceived, bar.texts) })
    }
    this.#bars = bars
  }
}

/** Records, bytes and the time left, each as a few words. */
export function progressTexts(progress: Progress): { records: string; bytes: string; left: string } {
  const { recordsReceived, recordsTotal, bytesReceived, bytesTotal, startedMsAgo } = progress
  const leftMs = bytesReceived > 0 ? (startedMsAgo * (bytesTotal - bytesReceived)) / bytesReceived : null
  return {
    records: `${recordsReceived}/${recordsTotal} records`,
    bytes: `${megabytes(bytesReceived)}/${megabytes(bytesTotal)} MB`,
    left: leftMs === null ? 'time left unknown' : `${spanText(leftMs)} left`,
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
