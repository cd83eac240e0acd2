import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { claimBuild } from '@/lib/builds/claims'
import { systemContext } from '@/lib/context'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { collectUnusedEnvironments } from './commands/collect-unused'

const SYSTEM = systemContext('test')
const DAY_MS = 86_400_000
const LONG_AGO = new Date(Date.now() - 60 * DAY_MS)

let database: TestDatabase
let owner: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db)
})
beforeEach(async () => {
  algorithm = await makeAlgorithm(database.db, owner.ctx, `Algorithm${count++}`)
  await database.db.build.deleteMany({ where: { version: null } })
  await rm(folder(), { recursive: true, force: true })
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

let count = 0

const keyOf = (letter: string) => letter.repeat(32)
const folder = () => path.join(database.dataDirectory, 'envs')
const kept = async () => (await readdir(folder())).sort()

/** A build of long ago that succeeded, with the folder of its packages. */
async function makeOldBuild(letter: string, createdAt = LONG_AGO): Promise<string> {
  await mkdir(path.join(folder(), keyOf(letter), 'lib'), { recursive: true })
  const { id: algorithmId, commitSha } = algorithm
  const environmentKey = keyOf(letter)
  const data = { algorithmId, commitSha, environmentKey, createdAt, status: 'succeeded' as const }
  return (await database.db.build.create({ data, select: { id: true } })).id
}

it('removes what only old builds used, and keeps what a version or the newest build needs', async () => {
  const published = await makeOldBuild('a')
  await publishVersion(owner.ctx, { ...algorithm.path, buildId: published, bump: 'minor' })
  await makeOldBuild('b', new Date(LONG_AGO.getTime() + 1_000))
  await makeOldBuild('c', new Date(LONG_AGO.getTime() + 2_000))
  await database.db.packageEnvironment.create({
    data: {
      key: keyOf('b'),
      language: 'python',
      interpreterVersion: '3',
      installer: 'pip',
      packages: '',
      sizeBytes: 1,
    },
  })
  expect(await collectUnusedEnvironments(SYSTEM)).toBe(1)
  expect(await kept()).toEqual([keyOf('a'), keyOf('c')])
  expect(await database.db.packageEnvironment.count()).toBe(0)
})

it('keeps what ran or was built lately', async () => {
  await makeOldBuild('d')
  await makeOldBuild('e', new Date())
  expect(await collectUnusedEnvironments(SYSTEM)).toBe(1)
  await makeOldBuild('d')
  await database.db.execution.create({
    data: {
      source: 'api',
      algorithmId: algorithm.id,
      commitSha: algorithm.commitSha,
      callerId: owner.account.id,
      startedAt: new Date(),
    },
  })
  expect(await collectUnusedEnvironments(SYSTEM)).toBe(0)
  expect(await kept()).toEqual(expect.arrayContaining([keyOf('d'), keyOf('e')]))
})

it('removes what no build names, keeps what a build that waits had found, and touches nothing else', async () => {
  await mkdir(path.join(folder(), keyOf('f')), { recursive: true })
  await mkdir(path.join(folder(), keyOf('1')), { recursive: true })
  await mkdir(path.join(folder(), '.staging-1-x'), { recursive: true })
  const { id: algorithmId, commitSha } = algorithm
  await database.db.build.create({ data: { algorithmId, commitSha, environmentKey: keyOf('1') } })
  await collectUnusedEnvironments(SYSTEM)
  expect(await kept()).not.toContain(keyOf('f'))
  expect(await kept()).toEqual(expect.arrayContaining([keyOf('1'), '.staging-1-x']))
})

it('waits while a build runs, wherever it runs', async () => {
  await makeOldBuild('b')
  await makeOldBuild('c', new Date(LONG_AGO.getTime() + 1_000))
  await database.db.build.create({ data: { algorithmId: algorithm.id, commitSha: algorithm.commitSha } })
  expect(await claimBuild('another process')).not.toBeNull()
  expect(await collectUnusedEnvironments(SYSTEM)).toBe(0)
  expect(await kept()).toContain(keyOf('b'))
})

it('is for the program and administrators', async () => {
  await expect(collectUnusedEnvironments(owner.ctx)).rejects.toMatchObject({ code: 'not_found' })
})
