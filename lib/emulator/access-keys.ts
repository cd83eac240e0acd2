import { randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from './config'

export type Right = 'Listen' | 'Send' | 'Manage'

/** A shared access key: of the namespace, or of one queue. */
export type AccessKey = { name: string; key: string; secondaryKey?: string; rights: Right[] }

export const ROOT_KEY_NAME = 'RootManageSharedAccessKey'

export function isRight(value: unknown): value is Right {
  return value === 'Listen' || value === 'Send' || value === 'Manage'
}

/** A new namespace key with every right. */
export function newRootKey(): AccessKey {
  return { name: ROOT_KEY_NAME, key: newKeyText(), rights: ['Manage', 'Send', 'Listen'] }
}

export function newKeyText(): string {
  return randomBytes(32).toString('base64')
}

/** Whether a text is the key's primary or secondary secret. */
export function isSecretOf({ key, secondaryKey }: AccessKey, text: string): boolean {
  const given = Buffer.from(text)
  return [key, secondaryKey].some((secret) => {
    const expected = Buffer.from(secret ?? '')
    return expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/**
 * Reads the namespace's keys, or makes and keeps new ones (readable by the owner only). Throws `ConfigError` when the file
 * is damaged: new keys would shut every client out.
 */
export function loadNamespaceKeys(path: string): AccessKey[] {
  if (existsSync(path)) return readKeys(path)
  const keys = [newRootKey()]
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 })
  return keys
}

function readKeys(path: string): AccessKey[] {
  try {
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: unknown[] }
    if (keys.length > 0 && keys.every(isAccessKey)) return keys
  } catch {
    // Said below.
  }
  throw new ConfigError(
    `${path} does not hold the keys of the namespace. Restore it from a backup, or remove it: the next start then makes a new key.`,
  )
}

function isAccessKey(value: unknown): value is AccessKey {
  const { name, key, secondaryKey = '', rights } = value as Record<string, unknown>
  const areTexts = [name, key, secondaryKey].every((text) => typeof text === 'string')
  return areTexts && name !== '' && key !== '' && Array.isArray(rights) && rights.every(isRight)
}
