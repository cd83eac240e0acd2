import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeAlgorithm } from '@/lib/testing/algorithms'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { listPackageEnvironments } from './queries'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

it('lists what builds have installed with the algorithms that were built with it', async () => {
  const admin = await makeUserContext(database.db, { isAdmin: true })
  const environment = { language: 'python', interpreterVersion: '3.11.2', installer: 'pip', sizeBytes: 1 } as const
  await database.db.packageEnvironment.createMany({
    data: [
      { ...environment, key: 'used', packages: 'idna==3.4\nsix==1.16.0', usedAt: new Date(2) },
      { ...environment, key: 'unused', packages: 'six==1.16.0', usedAt: new Date(1) },
    ],
  })
  for (const name of ['Beta', 'Alpha', 'Failing']) {
    const { id: algorithmId, commitSha } = await makeAlgorithm(database.db, admin.ctx, name)
    const status = name === 'Failing' ? 'failed' : 'succeeded'
    const build = { algorithmId, commitSha, environmentKey: 'used', status } as const
    await database.db.build.createMany({ data: [build, build] })
  }
  const { environments, total, totalBytes } = await listPackageEnvironments(admin.ctx)
  const owner = admin.account.name
  expect(environments).toMatchObject([
    { key: 'used', packages: ['idna==3.4', 'six==1.16.0'], algorithms: [`${owner}/Alpha`, `${owner}/Beta`] },
    { key: 'unused', algorithms: [], versionCount: 0 },
  ])
  expect([total, totalBytes]).toEqual([2, 2])
})

it('is for administrators', async () => {
  const { ctx } = await makeUserContext(database.db)
  await expect(listPackageEnvironments(ctx)).rejects.toMatchObject({ code: 'not_found' })
})
