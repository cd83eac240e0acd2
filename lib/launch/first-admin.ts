import { existsSync, readFileSync, rmSync } from 'node:fs'
import pg from 'pg'
import { type DataDirectory, writeSecret } from './data-directory'

/** How to sign in: the password itself only when it was made now. */
export type SignIn = { name: string; password?: string; passwordFile?: string }

/**
 * Makes the first administrator at the first start, with a password that is kept in the data directory.
 * The environment (lib/env.ts) must be set, and name this database.
 */
export async function ensureAdministrator(data: DataDirectory, databaseUrl: string): Promise<SignIn> {
  const hadPassword = existsSync(data.adminPassword)
  const known: SignIn = { name: 'admin', ...(hadPassword && { passwordFile: data.adminPassword }) }
  if (await hasUsers(databaseUrl)) return known
  const { systemContext } = await import('../context')
  const { db } = await import('../db')
  const { ensureFirstAdmin } = await import('../accounts/commands/ensure-first-admin')
  const { generatePassword } = await import('../accounts/password')
  // Kept before the account is made: a start that is interrupted in between must not leave an unknown password.
  if (!hadPassword) writeSecret(data.adminPassword, generatePassword())
  const password = readFileSync(data.adminPassword, 'utf8').trim()
  try {
    const created = await ensureFirstAdmin(systemContext('launcher'), { password })
    if (created) return { name: created.name, password, passwordFile: data.adminPassword }
    if (!hadPassword) rmSync(data.adminPassword)
    return known
  } finally {
    await db().$disconnect()
  }
}

/** Asked without the program's own database client, which takes longer to load than a warm start should. */
async function hasUsers(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from "User" limit 1')
    return rowCount === 1
  } finally {
    await client.end()
  }
}
