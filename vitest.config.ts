import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'ui/src/**/*.test.ts'],
    // On two cores it would be one: many files wait for processes and servers of theirs, and leave the cores idle.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Simulations and end-to-end runs work on virtual time or wait for real processes; the machines are shared.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
