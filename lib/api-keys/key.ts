import { randomInt } from 'node:crypto'
import { KEY_CHARACTERS, KEY_PREFIX } from './schema'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const MASK_CHARACTERS = 7

/** A new key: `sim` and 25 random letters and digits, about 148 bits. */
export function generateKey(): string {
  let key = KEY_PREFIX
  while (key.length < KEY_CHARACTERS) key += ALPHABET[randomInt(ALPHABET.length)]
  return key
}

/** The first characters, to tell keys apart in a list. */
export function maskOf(key: string): string {
  return key.slice(0, MASK_CHARACTERS)
}

/**
 * The key in an `Authorization` header, in the three forms that the official clients send: `Simple KEY` (Java, Node,
 * Rust, curl), the bare key (Python, Ruby, Go, R) and `Bearer KEY`. Null when there is none that could be a key.
 */
export function readAuthorization(header: string | null | undefined): string | null {
  const match = /^\s*(?:(?:simple|bearer)\s+)?(\S+)\s*$/i.exec(header ?? '')
  const key = match?.[1] ?? ''
  return key.length === KEY_CHARACTERS && key.startsWith(KEY_PREFIX) ? key : null
}
