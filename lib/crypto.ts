import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { env } from './env'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** A key for secrets at rest; its id is the start of its own hash, so that keys can rotate. */
type EncryptionKey = { id: string; bytes: Buffer }

/**
 * Encrypts text with AES-256-GCM.
 * @returns `v1.<key id>.<base64 of iv, tag and ciphertext>`
 */
export function encrypt(plaintext: string, key = currentKey()): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key.bytes, iv)
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return `v1.${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`
}

/** The text that `encrypt` was given. Throws when the key is another one or the text was tampered with. */
export function decrypt(sealed: string, key = currentKey()): string {
  const [version, keyId, encoded] = sealed.split('.')
  if (version !== 'v1' || !encoded) throw new Error('not a sealed value')
  if (keyId !== key.id) {
    throw new Error(`sealed with key ${keyId}, but HEADRACE_ENCRYPTION_KEY is key ${key.id}; restore the former key`)
  }
  const bytes = Buffer.from(encoded, 'base64')
  const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, IV_BYTES))
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
}

/** A key from its base64 text (32 bytes). */
export function encryptionKey(base64: string): EncryptionKey {
  const bytes = Buffer.from(base64, 'base64')
  return { id: sha256(bytes).slice(0, 8), bytes }
}

/** SHA-256 in hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function currentKey(): EncryptionKey {
  return encryptionKey(env().HEADRACE_ENCRYPTION_KEY)
}
