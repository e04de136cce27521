import type { Random } from '../base/random.ts'

/** Given and family names as they are common in many countries; which meet is up to chance, so nobody is meant. */
const GIVEN_NAMES = [
  ...['Amina', 'Anna', 'Ayşe', 'Bilal', 'Chidi', 'Clara', 'Dmitri', 'Elena', 'Farid', 'Fatima', 'Grace', 'Hassan'],
  ...['Ines', 'Ivan', 'João', 'Kenji', 'Lakshmi', 'Léa', 'Linh', 'Łucja', 'Mei', 'Miguel', 'Nadia', 'Nils', 'Omar'],
  ...['Paulo', 'Priya', 'Rosa', 'Søren', 'Tariq', 'Thandi', 'Wei', 'Yusuf', 'Zofia'],
] as const

const FAMILY_NAMES = [
  ...['Abbas', 'Adeyemi', 'Ahmed', 'Almeida', 'Becker', 'Botha', 'Chen', 'Costa', 'Dang', 'Demir', 'Eriksen', 'Fofana'],
  ...[
    'García',
    'Haddad',
    'Hussain',
    'Iyer',
    'Kowalska',
    'Kumar',
    'Lopez',
    'Martin',
    'Moreau',
    'Nkosi',
    'Novák',
    'Ortiz',
  ],
  ...['Petrov', 'Rahman', 'Rossi', 'Sato', 'Silva', 'Tanaka', 'Torres', 'Wang', 'Yılmaz', 'Ziegler'],
] as const

/** Somebody who can be enrolled. */
export interface Person {
  readonly userId: string
  readonly name: string
}

/** Invents people with user ids that count up from `firstUserId`. */
export function inventPeople(options: { count: number; firstUserId: number; random: Random }): Person[] {
  const { count, firstUserId, random } = options
  return Array.from({ length: count }, (_, index) => ({
    userId: String(firstUserId + index),
    name: `${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`,
  }))
}
