import { ConfigError } from '../base/errors.ts'
import { FAULT_PARAMETERS, FAULTS, type FaultName, type FaultSetting } from './faults.ts'

/** At most this many names are suggested for a misspelt one: more would not be read. */
const SUGGESTIONS_MAX = 3

/**
 * Reads `lost-packets` or `lost-packets=0.2`, as the command line takes it.
 *
 * @throws ConfigError `CONFIG_INVALID`, naming faults that are spelt alike, or the fault that takes no such value.
 */
export function parseFault(text: string): FaultSetting {
  const [name = '', value, ...rest] = text.trim().split('=')
  if (!isFaultName(name)) throw new ConfigError('CONFIG_INVALID', unknownFault(name))
  if (value === undefined) return usualSetting(name)
  const parameter = FAULT_PARAMETERS[name]
  if (parameter === undefined) throw new ConfigError('CONFIG_INVALID', `the fault ${name} takes no value`)
  const number = value === '' ? Number.NaN : Number(value)
  if (rest.length > 0 || !Number.isFinite(number) || number < 0)
    throw new ConfigError('CONFIG_INVALID', `the fault ${name} takes a number that is not negative, not "${value}"`)
  const isWholeOrBelowOne = Number.isInteger(number) || number < 1
  if (parameter.kind === 'chance' && !isWholeOrBelowOne)
    throw new ConfigError(
      'CONFIG_INVALID',
      `the fault ${name} takes a probability below 1, or a whole number n for "every n-th", not ${value}`,
    )
  return { name, value: number }
}

/** The fault with the value it has when none is given; 1 for a fault that takes none. */
export function usualSetting(name: FaultName): FaultSetting {
  return { name, value: FAULT_PARAMETERS[name]?.usual ?? 1 }
}

export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text)
}

function unknownFault(text: string): string {
  const near = Object.keys(FAULTS)
    .map(name => ({ name, distance: closeness(text, name) }))
    .filter(({ distance }) => distance <= 3)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ name }) => name)
  const names = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${Object.keys(FAULTS).join(', ')}`
  return `there is no fault "${text}": ${names}`
}

/** 0 where one text holds the other, else the number of letters to change, add or remove. */
function closeness(text: string, name: string): number {
  if (text.length >= 4 && name.includes(text)) return 0
  return editDistance(text, name)
}

function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const replaced = (previous[column - 1] ?? 0) + (isSame ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[other.length] ?? 0
}
