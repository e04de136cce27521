import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../base/errors.ts'
import { FAULT_GROUPS, FAULT_PARAMETERS, FAULTS } from './faults.ts'
import { parseFault } from './parse-fault.ts'

const ROOT = join(import.meta.dirname, '..', '..')

describe('the list of faults', () => {
  test('docs/virtual-device.md holds the same faults, in the same groups and words', () => {
    const text = readFileSync(join(ROOT, 'docs', 'virtual-device.md'), 'utf8')
    const documented: Record<string, Record<string, string>> = {}
    let group = ''
    for (const line of text.split('\n')) {
      group = /^### (.+)$/.exec(line)?.[1] ?? group
      const [, name, usual, says] = /^\| `([a-z0-9-]+)` \| (.*) \| (.+) \|$/.exec(line) ?? []
      if (name === undefined || says === undefined) continue
      documented[group] = { ...documented[group], [name]: `${says}; usual ${usual}` }
    }
    const actual = Object.fromEntries(
      Object.entries(FAULT_GROUPS).map(([name, faults]) => [
        name,
        Object.fromEntries(Object.entries(faults).map(([fault, says]) => [fault, `${says}; usual ${usualOf(fault)}`])),
      ]),
    )
    expect(documented).toEqual(actual)
  })

  test('every fault is named in a test that shows what it does', () => {
    const tests = globSync('src/virtual/**/*.test.ts', { cwd: ROOT }).filter(path => !path.endsWith('faults.test.ts'))
    const text = tests.map(path => readFileSync(join(ROOT, path), 'utf8')).join('\n')
    expect(Object.keys(FAULTS).filter(name => !new RegExp(`['\`(\\s]${name}\\b`).test(text))).toEqual([])
  })
})

describe('parseFault', () => {
  const READ: Array<[string, { name: string; value: number }]> = [
    ['menu-open', { name: 'menu-open', value: 1 }],
    ['lost-packets', { name: 'lost-packets', value: 0.05 }],
    ['lost-packets=0.2', { name: 'lost-packets', value: 0.2 }],
    ['lost-packets=3', { name: 'lost-packets', value: 3 }],
    ['slow-prepare=1500', { name: 'slow-prepare', value: 1500 }],
    [' cut-connection ', { name: 'cut-connection', value: 0.05 }],
  ]
  for (const [text, setting] of READ) test(`reads "${text}"`, () => expect(parseFault(text)).toEqual(setting))

  const REFUSED: Array<[string, RegExp]> = [
    ['lost-packet', /did you mean lost-packets\?/],
    ['packets', /did you mean /],
    ['qqqqqqqq', /known are comm-key-always-asked, /],
    ['menu-open=2', /takes no value/],
    ['lost-packets=', /takes a number/],
    ['lost-packets=x', /takes a number/],
    ['lost-packets=-1', /takes a number/],
    ['lost-packets=1.5', /probability below 1, or a whole number/],
    ['lost-packets=0.1=2', /takes a number/],
    ['constructor', /there is no fault/],
  ]
  for (const [text, message] of REFUSED)
    test(`refuses "${text}"`, () => {
      expect(() => parseFault(text)).toThrow(message)
      expect(() => parseFault(text)).toThrow(ConfigError)
    })
})

function usualOf(fault: string): string {
  const parameter = Object.entries(FAULT_PARAMETERS).find(([name]) => name === fault)?.[1]
  if (parameter === undefined) return '–'
  return parameter.kind === 'amount' || parameter.usual < 1 ? String(parameter.usual) : everyNth(parameter.usual)
}

function everyNth(n: number): string {
  return n === 1 ? 'always' : `every ${n}th`
}
