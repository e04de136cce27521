import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

/** The first choice of OWASP's cheat sheet for password storage (2024): about 40 ms, and 19 MiB that a guesser needs as well. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** What a row may ask of this process. A hash of other settings comes from a later version, and is verified all the same. */
const MEMORY_MAX = 1_048_576
const PASSES_MAX = 16
const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/-]{11,88})\$([\w+/-]{22,88})$/

/** Argon2id in PHC form, with its settings and its salt, so that the cost can grow later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, { ...COST, salt, length: HASH_BYTES })
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`
}

export async function verifyPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const [, m, t, p, saltText = '', hashText = ''] = FORM.exec(hash) ?? []
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  // NaN, where the form is another one, is at most nothing.
  if (!(memory <= MEMORY_MAX && passes <= PASSES_MAX && passes > 0 && parallelism > 0)) return false
  const expected = Buffer.from(hashText, 'base64')
  const salt = Buffer.from(saltText, 'base64')
  return timingSafeEqual(
    await derive(password, { memory, passes, parallelism, salt, length: expected.length }),
    expected,
  )
}

function derive(
  password: string,
  { salt, length, ...cost }: typeof COST & { salt: Buffer; length: number },
): Promise<Buffer> {
  // One text can be written in several ways, and keyboards differ in which they send.
  const parameters = { message: password.normalize('NFC'), nonce: salt, tagLength: length, ...cost }
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
