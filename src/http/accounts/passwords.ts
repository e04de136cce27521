import { randomBytes } from 'node:crypto'
import { RollcallError } from '../../base/errors.ts'
import { hashPassword } from './password-hash.ts'

/** Long enough that the limit of tries protects it; short enough that nobody makes us hash a book. */
export const PASSWORD_CHARACTERS = { min: 10, max: 128 } as const
/** Without those that people take for each other. 18 of 57 are 104 bits. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const GENERATED_CHARACTERS = 18
/** Bytes from here on would make the first characters of the alphabet likelier. */
const EVEN_BYTES = 256 - (256 % ALPHABET.length)

/** A password for somebody who will change it. */
export function generatePassword(): string {
  let password = ''
  while (password.length < GENERATED_CHARACTERS)
    for (const byte of randomBytes(GENERATED_CHARACTERS))
      if (byte < EVEN_BYTES && password.length < GENERATED_CHARACTERS) password += ALPHABET[byte % ALPHABET.length]
  return password
}

/** @throws RollcallError `PASSWORD_REFUSED`. */
export async function hashOfNew(password: string): Promise<string> {
  const { min, max } = PASSWORD_CHARACTERS
  const { length } = password.normalize('NFC')
  if (length < min || length > max)
    throw new RollcallError('PASSWORD_REFUSED', `a password has ${min} to ${max} characters, and this one ${length}`)
  return hashPassword(password)
}
