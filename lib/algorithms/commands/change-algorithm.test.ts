import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { getAlgorithm } from '../queries'
import { deleteAlgorithm } from './delete-algorithm'
import { updateAlgorithm } from './update-algorithm'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

describe('changing an algorithm', () => {
  it('changes what is given and leaves the rest', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'Changed')
    await updateAlgorithm(owner.ctx, { ...path, tagline: 'Says hello.' })
    await updateAlgorithm(owner.ctx, { ...path, label: 'Hello!' })
    expect(await getAlgorithm(owner.ctx, path)).toMatchObject({ label: 'Hello!', tagline: 'Says hello.' })
  })

  it('lets go of workers when what they may reach changes', async () => {
    const { path, id } = await makeAlgorithm(database.db, owner.ctx, 'Isolated')
    await updateAlgorithm(owner.ctx, { ...path, tagline: 'No new workers for this.' })
    expect(runtime.dropped).not.toContain(id)
    await updateAlgorithm(owner.ctx, { ...path, networkAccess: 'isolated' })
    expect(runtime.dropped).toContain(id)
  })

  it('keeps license and visibility together', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'Licensed')
    await expect(updateAlgorithm(owner.ctx, { ...path, license: 'mit' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await updateAlgorithm(owner.ctx, { ...path, license: 'mit', sourceVisibility: 'open' })
    await expect(updateAlgorithm(owner.ctx, { ...path, sourceVisibility: 'closed' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(await getAlgorithm(owner.ctx, path)).toMatchObject({ license: 'mit', sourceVisibility: 'open' })
  })

  it('answers not found to another account', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'NotYours')
    await expect(updateAlgorithm(other.ctx, { ...path, label: 'Mine' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('deleting an algorithm', () => {
  it('takes everything of it: rows, repository, built trees and workers', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Gone')
    await makeVersion(database.db, owner.ctx, algorithm)
    const repository = join(database.dataDirectory, 'git', `${algorithm.id}.git`)
    expect(existsSync(repository)).toBe(true)
    await deleteAlgorithm(owner.ctx, { ...algorithm.path, confirmation: `${owner.account.name}/Gone` })
    expect(await database.db.version.count({ where: { algorithmId: algorithm.id } })).toBe(0)
    expect(await database.db.commit.count({ where: { algorithmId: algorithm.id } })).toBe(0)
    await expect(getAlgorithm(owner.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
    expect(existsSync(repository)).toBe(false)
    expect(runtime.dropped).toContain(algorithm.id)
  })

  it('is refused once a version is public', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Public')
    await makeVersion(database.db, owner.ctx, algorithm, { callability: 'public' })
    const confirmation = `${owner.account.name}/Public`
    await expect(deleteAlgorithm(owner.ctx, { ...algorithm.path, confirmation })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await getAlgorithm(owner.ctx, algorithm.path)).toMatchObject({ name: 'Public' })
  })

  it('wants the endpoint typed', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'Typed')
    await expect(deleteAlgorithm(owner.ctx, { ...path, confirmation: 'Typed' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  it('answers not found to another account', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'Kept')
    const confirmation = `${owner.account.name}/Kept`
    await expect(deleteAlgorithm(other.ctx, { ...path, confirmation })).rejects.toMatchObject({ code: 'not_found' })
  })
})
