import { afterAll, beforeAll } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import type { Context } from '@/lib/context'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { startHost } from '../start'

const START_TIMEOUT_MS = 120_000
const BUILD_TIMEOUT_MS = 60_000

type Queues = NonNullable<Parameters<typeof testBroker>[0]>['queues']
export type Source = { owner: string; name: string; commitSha: string }

/** A host with everything real around it, for a test file; of another role than `all` when HEADRACE_ROLE is set. */
export function testHost(queues: Queues, role?: 'web') {
  let database: TestDatabase
  let broker: TestBroker
  let host: ReturnType<typeof startHost> | undefined

  beforeAll(async () => {
    database = await testDatabase()
    broker = await testBroker({ queues })
    if (role) process.env.HEADRACE_ROLE = role
    host = startHost()
    await host.started
  }, START_TIMEOUT_MS)
  afterAll(async () => {
    await host?.stop('the test is over')
    if (role) delete process.env.HEADRACE_ROLE
    await broker?.close()
    await database.close()
  })
  return {
    get db() {
      return database.db
    },
    get connectionString() {
      return broker.connectionString
    },
  }
}

/** Saves the main file on top of `source` and builds it; resolves when the build has ended well. */
export async function buildMainFile(ctx: Context, database: TestDatabase['db'], source: Source, text: string) {
  const path = { owner: source.owner, name: source.name }
  const changes = [{ path: `src/${path.name}.py`, text }]
  const { commitSha } = await saveSource(ctx, { ...path, parentSha: source.commitSha, changes })
  const { buildId } = await startBuild(ctx, path)
  await waitUntil(
    'the build is done',
    async () => {
      const { status, log } = await database.build.findUniqueOrThrow({ where: { id: buildId } })
      if (status === 'failed') throw new Error(log)
      return status === 'succeeded'
    },
    BUILD_TIMEOUT_MS,
  )
  return { ...path, commitSha, buildId }
}

/** A new algorithm with one published version. */
export async function publishAlgorithm(ctx: Context, database: TestDatabase['db'], name: string, text: string) {
  const built = await buildMainFile(ctx, database, await createAlgorithm(ctx, { name }), text)
  await publishVersion(ctx, { owner: built.owner, name, buildId: built.buildId, bump: 'minor' })
  return built
}
