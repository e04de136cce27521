import { performance } from 'node:perf_hooks'

/** What one round of work cost. */
export interface Cost {
  readonly wallMs: number
  /** Of this process alone, all its threads. */
  readonly cpuMs: number
}

/** Contestants of one comparison; the first is the floor. */
export interface Contestant {
  readonly name: string
  /** One round. Prepares what is not measured, then calls `measure` once. */
  round(measure: (work: () => Promise<void>) => Promise<void>): Promise<void>
}

export interface Result {
  readonly name: string
  /** The first round of all, in a process that has run none of it before. */
  readonly cold: Cost
  readonly median: Cost
  readonly spread: { readonly wallMs: readonly [number, number]; readonly cpuMs: readonly [number, number] }
  /** How often as much as the floor. */
  readonly ratio: { readonly wall: number; readonly cpu: number }
}

/**
 * Lets the contestants take turns, so that what else the machine does falls on all of them, and takes the median of `rounds`
 * rounds. Those before, `warmUps`, compile and fill caches. Young garbage of a round is collected before the next.
 */
export async function compare(
  contestants: readonly Contestant[],
  options: { rounds: number; warmUps: number },
): Promise<Result[]> {
  const costs = new Map<Contestant, Cost[]>(contestants.map(contestant => [contestant, []]))
  const colds = new Map<Contestant, Cost>()
  for (let round = 0; round < options.warmUps + options.rounds; round++) {
    for (const contestant of contestants) {
      const cost = await costOf(contestant)
      if (round === 0) colds.set(contestant, cost)
      if (round >= options.warmUps) costs.get(contestant)?.push(cost)
    }
  }
  const medians = contestants.map(contestant => medianOf(costs.get(contestant) ?? []))
  const floor = medians[0]
  return contestants.map((contestant, i) => {
    const median = medians[i] as Cost
    const all = costs.get(contestant) ?? []
    return {
      name: contestant.name,
      cold: colds.get(contestant) as Cost,
      median,
      spread: { wallMs: rangeOf(all.map(cost => cost.wallMs)), cpuMs: rangeOf(all.map(cost => cost.cpuMs)) },
      ratio: {
        wall: median.wallMs / (floor?.wallMs ?? Number.NaN),
        cpu: median.cpuMs / (floor?.cpuMs ?? Number.NaN),
      },
    }
  })
}

async function costOf(contestant: Contestant): Promise<Cost> {
  let cost: Cost | undefined
  await contestant.round(async work => {
    globalThis.gc?.({ type: 'minor' })
    const cpu = process.cpuUsage()
    const start = performance.now()
    await work()
    const wallMs = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    cost = { wallMs, cpuMs: (user + system) / 1000 }
  })
  if (!cost) throw new Error(`${contestant.name} measured nothing`)
  return cost
}

function medianOf(costs: readonly Cost[]): Cost {
  return { wallMs: middle(costs.map(cost => cost.wallMs)), cpuMs: middle(costs.map(cost => cost.cpuMs)) }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

/** The results as lines; `target` is the most that the ratio of the last contestant should be. */
export function resultLines(results: readonly Result[], target: number): string[] {
  const range = ([low, high]: readonly [number, number]) => `${low.toFixed(0)}-${high.toFixed(0)}`
  const rows = [
    ['', 'wall ms', 'from-to', 'CPU ms', 'from-to', 'wall', 'CPU', 'first: wall', 'CPU'],
    ...results.map(({ name, cold, median, spread, ratio }) => [
      name,
      median.wallMs.toFixed(0),
      range(spread.wallMs),
      median.cpuMs.toFixed(0),
      range(spread.cpuMs),
      `${ratio.wall.toFixed(2)} x`,
      `${ratio.cpu.toFixed(2)} x`,
      cold.wallMs.toFixed(0),
      cold.cpuMs.toFixed(0),
    ]),
  ]
  const last = results.at(-1)
  const isMet = last !== undefined && last.ratio.wall <= target && last.ratio.cpu <= target
  return [...tableLines(rows), `  target: at most ${target} x the floor, wall and CPU: ${isMet ? 'met' : 'MISSED'}`]
}

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  )
}

/** The value below which `share` of all lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
