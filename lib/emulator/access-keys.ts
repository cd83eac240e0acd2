import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export type Right = 'Listen' | 'Send' | 'Manage'

/** A shared access key: of the namespace, or of one queue. */
export type AccessKey = { name: string; key: string; secondaryKey?: string; rights: Right[] }

export const ROOT_KEY_NAME = 'RootManageSharedAccessKey'

/** A new namespace key with every right. */
export function newRootKey(): AccessKey {
  return { name: ROOT_KEY_NAME, key: newKeyText(), rights: ['Manage', 'Send', 'Listen'] }
}

export function newKeyText(): string {
  return randomBytes(32).toString('base64')
}

/** Reads the namespace's keys, or makes and keeps new ones (readable by the owner only). */
export function loadNamespaceKeys(path: string): AccessKey[] {
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { keys: AccessKey[] }).keys
  const keys = [newRootKey()]
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 })
  return keys
}
