import { existsSync, readFileSync, rmSync } from 'node:fs'
import { systemContext } from '../context'
import { db } from '../db'
import { type DataDirectory, writeSecret } from './data-directory'

/** How to sign in: the password itself only when it was made now. */
export type SignIn = { name: string; password?: string; passwordFile?: string }

/**
 * Makes the first administrator at the first start, with a password that is kept in the data directory.
 * Reads the database that the environment names.
 */
export async function ensureAdministrator(data: DataDirectory): Promise<SignIn> {
  const { ensureFirstAdmin, FIRST_ADMIN_NAME } = await import('../accounts/commands/ensure-first-admin')
  const { generatePassword } = await import('../accounts/password')
  const hadPassword = existsSync(data.adminPassword)
  // Kept before the account is made: a start that is interrupted in between must not leave an unknown password.
  if (!hadPassword) writeSecret(data.adminPassword, generatePassword())
  const password = readFileSync(data.adminPassword, 'utf8').trim()
  try {
    const created = await ensureFirstAdmin(systemContext('launcher'), { password })
    if (created) return { name: created.name, password, passwordFile: data.adminPassword }
    if (!hadPassword) rmSync(data.adminPassword)
    return { name: FIRST_ADMIN_NAME, ...(hadPassword && { passwordFile: data.adminPassword }) }
  } finally {
    await db().$disconnect()
  }
}
