import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import type { SecretBox } from '../model/store.ts'

const KEY_FILE = 'secret.key'
const KEY_BYTES = 32
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1:'

/**
 * Seals secrets with a key that lies beside the database and not in it: AES-256-GCM, as `v1:` and the base64 of a random
 * nonce, the tag and the ciphertext. The key file is made at the first sealing, by whichever process comes first, and
 * read once; who never uses a secret never needs it.
 */
export function openSecretBox(options: { storageDir: string }): SecretBox {
  const path = join(options.storageDir, KEY_FILE)
  let key: Buffer | undefined
  return {
    seal(text) {
      key ??= readKey(path) ?? makeKey(options.storageDir, path)
      return sealWith(key, text)
    },
    open(sealed) {
      key ??= readKey(path)
      if (!key) throw unusable(`${path} is missing, and with it the key of the comm keys in the database`)
      return openWith(key, sealed, path)
    },
  }
}

/**
 * A secret of its own for another purpose, from the key of the same file: one file to keep safe, and neither secret tells the other.
 */
export function deriveSecret(options: { storageDir: string }, purpose: string): string {
  const path = join(options.storageDir, KEY_FILE)
  const key = readKey(path) ?? makeKey(options.storageDir, path)
  return Buffer.from(hkdfSync('sha256', key, '', `rollcall ${purpose}`, KEY_BYTES)).toString('base64url')
}

function sealWith(key: Buffer, text: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce)
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64')
}

function openWith(key: Buffer, sealed: string, path: string): string {
  if (!sealed.startsWith(VERSION)) throw unusable('a sealed comm key has a form that this version does not know')
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unusable('a sealed comm key is cut short')
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw unusable(`${path} is not the key that the comm key was sealed with`, cause)
  }
}

/** Returns undefined where there is no key file. */
function readKey(path: string): Buffer | undefined {
  let text: string
  try {
    const file = openSync(path, 'r')
    try {
      text = readFileSync(file, 'utf8')
      // Others must not read it; a restore from a backup easily loses that.
      if ((fstatSync(file).mode & 0o077) !== 0) fchmodSync(file, 0o600)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined
    throw unusable(`${path} cannot be read, or not be made private`, cause)
  }
  const key = Buffer.from(text, 'base64')
  if (key.length !== KEY_BYTES) throw unusable(`${path} does not hold a key of ${KEY_BYTES} bytes in base64`)
  return key
}

/** Writes the file apart and links it into place, so that a process beside this one sees a whole key or none. */
function makeKey(storageDir: string, path: string): Buffer {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    mkdirSync(storageDir, { recursive: true, mode: 0o700 })
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error
    } finally {
      unlinkSync(draft)
    }
  } catch (cause) {
    throw unusable(`${path} cannot be written`, cause)
  }
  const key = readKey(path)
  if (!key) throw unusable(`${path} vanished while it was made`)
  return key
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function unusable(message: string, cause?: unknown): ConfigError {
  return new ConfigError('SECRET_UNUSABLE', message, { cause })
}
