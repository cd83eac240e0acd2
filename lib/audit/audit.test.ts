import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { recordAudit } from './commands'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

test('a write is recorded with who did it, to what, and facts', async () => {
  const { ctx, account } = await makeUserContext(database.db)
  const entry = { action: 'thing.paint', targetKind: 'thing', targetName: 'door', accountId: account.id }
  await database.db.$transaction((tx) => recordAudit(tx, ctx, { ...entry, details: { colour: 'red' } }))
  expect(await database.db.auditEvent.findFirst({ where: { targetName: 'door' } })).toMatchObject({
    ...entry,
    actorKind: 'user',
    actorName: account.name,
    details: { colour: 'red' },
  })
})

test('a write that is rolled back leaves no record', async () => {
  const { ctx } = await makeUserContext(database.db)
  const write = database.db.$transaction(async (tx) => {
    await recordAudit(tx, ctx, { action: 'thing.break', targetKind: 'thing', targetName: 'window' })
    throw new Error('the write fails')
  })
  await expect(write).rejects.toThrow('the write fails')
  expect(await database.db.auditEvent.count({ where: { targetName: 'window' } })).toBe(0)
})
