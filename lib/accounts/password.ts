import { randomBytes, randomInt } from 'node:crypto'
import { argon2id, argon2Verify } from 'hash-wasm'

// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB = 19_456
const ITERATIONS = 2
const PARALLELISM = 1
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Letters and digits that no one mistakes for another: no 0/O, 1/l/I. */
const READABLE = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const GENERATED_CHARACTERS = 16

/** argon2id in its encoded form, salt and parameters included. */
export function hashPassword(password: string): Promise<string> {
  return argon2id({
    password,
    salt: randomBytes(SALT_BYTES),
    memorySize: MEMORY_KIB,
    iterations: ITERATIONS,
    parallelism: PARALLELISM,
    hashLength: HASH_BYTES,
    outputType: 'encoded',
  })
}

let decoy: Promise<string> | undefined

/**
 * Whether `password` is the one behind `hash`. Without a hash (there is no such user) the same work is done against
 * a decoy, so that the time of the answer does not tell which names exist.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(SALT_BYTES).toString('hex'))
  const isRight = await argon2Verify({ password, hash: hash ?? (await decoy) })
  return isRight && hash !== null
}

/** A password to hand over once: 16 readable characters, about 93 bits. */
export function generatePassword(): string {
  return Array.from({ length: GENERATED_CHARACTERS }, () => READABLE[randomInt(READABLE.length)]).join('')
}
