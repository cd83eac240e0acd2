import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Db, poolOf } from '@/lib/db'
import { startRelay } from './engine/testing/tcp-relay'
import { type TestDatabase, testDatabase } from './testing/database'

const SILENCE_LIMIT_MS = 200

let database: TestDatabase
let relay: Awaited<ReturnType<typeof startRelay>>
let client: Db

beforeAll(async () => {
  database = await testDatabase()
  relay = await startRelay(Number(new URL(database.url).port))
  const url = new URL(database.url)
  url.port = String(relay.port)
  client = connect(url.href, { silenceLimitMs: SILENCE_LIMIT_MS })
})
afterAll(async () => {
  await client?.$disconnect()
  await relay?.close()
  await database.close()
})

describe('a connection that stays open and silent', () => {
  it('is ended by the statement that meets it, however long it was idle before; the next one has another', async () => {
    await client.$queryRaw`SELECT 1`
    await sleep(3 * SILENCE_LIMIT_MS)
    relay.forget()
    await expect(client.$queryRaw`SELECT 1`).rejects.toThrow(`has not answered for ${SILENCE_LIMIT_MS} ms`)
    await expect(client.$queryRaw`SELECT 1 AS one`).resolves.toEqual([{ one: 1 }])
  })
})

describe('poolOf', () => {
  it('has the connections of its client, and ends with it', async () => {
    expect((await poolOf(client).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    const other = connect(database.url)
    const pool = poolOf(other)
    await other.$queryRaw`SELECT 1`
    await other.$disconnect()
    expect(pool.totalCount).toBe(0)
  })
})
