import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { updateAlgorithm } from '../commands/update-algorithm'
import { getSource } from './queries'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let admin: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

describe('the source of an algorithm', () => {
  it('is its owner’s and administrators’ while it is closed, public versions or not', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Closed')
    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'major', callability: 'public' })
    expect((await getSource(owner.ctx, algorithm.path)).algorithm.canEdit).toBe(true)
    expect((await getSource(admin.ctx, algorithm.path)).algorithm.canEdit).toBe(false)
    await expect(getSource(other.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is everybody’s to read once it is open and a version is public', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Open')
    await updateAlgorithm(owner.ctx, { ...algorithm.path, sourceVisibility: 'open' })
    await expect(getSource(other.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'major', callability: 'public' })
    const source = await getSource(other.ctx, algorithm.path)
    expect(source.algorithm.canEdit).toBe(false)
    expect(source.files.map((file) => file.path)).toContain('src/Open.py')
  })
})
