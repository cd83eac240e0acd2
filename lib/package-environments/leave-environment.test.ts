import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { failAbandonedBuilds } from '@/lib/builds/claims'
import { makeAlgorithm } from '@/lib/testing/algorithms'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { leaveEnvironments, noteEnvironment } from './commands/leave-environment'

const KEY = 'a'.repeat(32)

let database: TestDatabase
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>

beforeAll(async () => {
  database = await testDatabase()
  algorithm = await makeAlgorithm(database.db, (await makeUserContext(database.db)).ctx, 'Leaving')
})
afterAll(() => database.close())

const environments = () => readdir(path.join(database.dataDirectory, 'envs'))

/** A build that runs and has made or found the environment. */
async function makeRunningBuild(): Promise<string> {
  const { id: algorithmId, commitSha } = algorithm
  const data = { algorithmId, commitSha, status: 'in_progress' as const, heartbeatAt: new Date() }
  const { id } = await database.db.build.create({ data })
  await noteEnvironment(id, KEY)
  await mkdir(path.join(database.dataDirectory, 'envs', KEY, 'lib'), { recursive: true })
  return id
}

async function fail(id: string): Promise<void> {
  await database.db.build.update({ where: { id }, data: { status: 'failed' } })
  await leaveEnvironments([id])
}

it('the last of the builds that fail removes the environment that they share', async () => {
  const [one, other] = [await makeRunningBuild(), await makeRunningBuild()]
  await fail(one)
  expect(await environments()).toEqual([KEY])
  await fail(other)
  expect(await environments()).toEqual([])
  expect(await database.db.build.findMany({ where: { environmentKey: KEY } })).toEqual([])
})

it('an environment that a build has succeeded with stays', async () => {
  const [good, bad] = [await makeRunningBuild(), await makeRunningBuild()]
  await database.db.build.update({ where: { id: good }, data: { status: 'succeeded' } })
  await fail(bad)
  expect(await environments()).toEqual([KEY])
  await fail(good)
})

it('what a server that died was building leaves its environment too', async () => {
  const id = await makeRunningBuild()
  await database.db.build.update({ where: { id }, data: { heartbeatAt: new Date(0) } })
  const abandoned = await failAbandonedBuilds()
  expect(abandoned).toMatchObject([{ id }])
  await leaveEnvironments([id])
  expect(await environments()).toEqual([])
})
