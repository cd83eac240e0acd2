import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { db } from '@/lib/db'
import { env } from '@/lib/env'
import { testDatabase } from './database'

describe('testDatabase', () => {
  it('gives a migrated database of its own and points the environment at it', async () => {
    const first = await testDatabase()
    const second = await testDatabase()
    await first.db.account.create({ data: { kind: 'user', name: 'Ezra', nameKey: 'ezra', displayName: 'Ezra' } })
    expect(await first.db.account.count()).toBe(1)
    expect(await second.db.account.count()).toBe(0)
    expect(db()).toBe(second.db)
    expect(env().DATABASE_URL).toBe(second.url)
    await first.close()
    await second.close()
  })

  it('fails when a client was not closed', async () => {
    const database = await testDatabase()
    const client = new pg.Client(database.url)
    client.on('error', () => {})
    await client.connect()
    await expect(database.close()).rejects.toThrow('still connected')
  })
})
