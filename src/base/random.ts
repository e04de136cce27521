import { getRandomValues } from 'node:crypto'

/** Chance, as every layer is handed it. One seed gives one sequence, so that a failed simulation can be replayed. */
export interface Random {
  /** 32 random bits, as an unsigned number. */
  uint32(): number
  /** At least 0, below 1. */
  float(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
}

/** Chance from the operating system. */
export const systemRandom: Random = randomFrom(() => {
  const word = new Uint32Array(1)
  getRandomValues(word)
  return word[0] as number
})

/**
 * Chance from a seed: the sfc32 generator (Chris Doty-Humphrey's PractRand; public domain), 32 bits a step, mixed for
 * twelve steps before its first value.
 */
export function seededRandom(seed: number): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0x9e3779b9
  let counter = 1
  const next = (): number => {
    const result = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + result) >>> 0
    return result
  }
  for (let i = 0; i < 12; i++) next()
  return randomFrom(next)
}

function randomFrom(uint32: () => number): Random {
  const float = () => uint32() / 2 ** 32
  const int = (min: number, max: number) => min + Math.floor(float() * (max - min + 1))
  return {
    uint32,
    float,
    int,
    chance: probability => float() < probability,
    pick: items => {
      const item = items[int(0, items.length - 1)]
      if (item === undefined) throw new RangeError('pick needs at least one item')
      return item
    },
    bytes: length => Uint8Array.from({ length }, () => uint32() & 0xff),
  }
}
