import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { findByName } from './queries'

let database: TestDatabase
let owner: TestUser

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  owner = await makeUserContext(db, { name: 'ezra' })
  const environment = await db.environment.create({
    data: { name: 'py', displayName: 'Py', language: 'python', interpreterPath: '/bin/false', exactVersion: '3' },
  })
  const ownerId = owner.account.id
  const algorithm = await db.algorithm.create({
    data: { ownerId, name: 'RiverGauge', label: 'River gauge', environmentId: environment.id },
  })
  await db.eventFlow.create({
    data: { ownerId, algorithmId: algorithm.id, queueName: 'river-levels', namespaceHost: 'h', connectionString: 'x' },
  })
  await db.collection.create({ data: { ownerId, name: 'RiverFiles', readAccess: 'private' } })
})
afterAll(() => database.close())

test('finds algorithms, event flows and collections by a part of their names, in any case', async () => {
  const hits = await findByName(owner.ctx, { q: ' RIVER ' })
  expect(hits).toMatchObject([
    { kind: 'Algorithm', title: 'River gauge', detail: 'ezra/RiverGauge', href: '/algorithms/ezra/RiverGauge' },
    { kind: 'Event flow', title: 'river-levels', href: expect.stringMatching(/^\/event-flows\/[0-9a-f-]{36}$/) },
    { kind: 'Data collection', title: 'RiverFiles', href: '/data/ezra/RiverFiles' },
  ])
})

test('finds nothing of another account that is private', async () => {
  const stranger = await makeUserContext(database.db)
  expect(await findByName(stranger.ctx, { q: 'river' })).toEqual([])
})

test('finds nothing for no text', async () => {
  expect(await findByName(owner.ctx, { q: '  ' })).toEqual([])
})
