import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import type { Context } from '@/lib/context'
import type { Db } from '@/lib/db'
import { setCurrentRuntime } from '@/lib/runtime/current'
import type { Builder, BuildRequest, RunnableVersion, Runtime, RuntimePolicy } from '@/lib/runtime/port'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import type { PublishVersion } from '@/lib/versions/schema'

/** The environment that algorithms of tests are made for; its interpreter is the machine's. */
export async function makeEnvironment(db: Db): Promise<{ id: string; name: string }> {
  return db.environment.upsert({
    where: { name: 'python3' },
    create: {
      name: 'python3',
      displayName: 'Python 3',
      language: 'python',
      interpreterPath: '/usr/bin/python3',
      exactVersion: '3.11.2',
      isDefault: true,
    },
    update: {},
    select: { id: true, name: true },
  })
}

/** An algorithm that its owner just created. */
export async function makeAlgorithm(db: Db, ctx: Context, name = 'Hello') {
  await makeEnvironment(db)
  const created = await createAlgorithm(ctx, { name })
  return { ...created, path: { owner: created.owner, name } }
}

/** A build that succeeded, of the algorithm's first commit. */
export async function makeBuild(db: Db, algorithm: { id: string; commitSha: string }): Promise<{ id: string }> {
  return db.build.create({
    data: { algorithmId: algorithm.id, commitSha: algorithm.commitSha, status: 'succeeded', finishedAt: new Date() },
    select: { id: true },
  })
}

/** Publishes a new build of an algorithm. */
export async function makeVersion(
  db: Db,
  ctx: Context,
  algorithm: Awaited<ReturnType<typeof makeAlgorithm>>,
  options: Pick<PublishVersion, 'bump' | 'callability'> = {},
) {
  const build = await makeBuild(db, algorithm)
  const version = await publishVersion(ctx, { ...algorithm.path, buildId: build.id, ...options })
  return { ...version, buildId: build.id }
}

/** Stands in for the runtime where a test is about what is asked of it, not about what it does. */
export function recordRuntimeCalls(build: Builder['build'] = async () => ({ ok: true, environmentKey: null })) {
  const dropped: string[] = []
  const warmed: RunnableVersion[] = []
  const policies: RuntimePolicy[] = []
  const builds: BuildRequest[] = []
  const runtime: Runtime = {
    invoke: async () => {
      throw new Error('this test runs no algorithm')
    },
    keepWarm: (version) => {
      warmed.push(version)
      return () => {}
    },
    drop: async (algorithmId) => {
      dropped.push(algorithmId)
    },
    configure: (policy) => {
      policies.push(policy)
    },
    stats: () => ({ workers: 0, busy: 0, starts: 0, sentAhead: 0, memoryBytes: 0, memoryBudgetBytes: 0, ends: {} }),
    close: async () => {},
  }
  const builder: Builder = {
    build: (request, onLine, signal) => {
      builds.push(request)
      return build(request, onLine, signal)
    },
  }
  setCurrentRuntime({ runtime, builder, sandbox: { level: 'none', reasons: ['a test'] } })
  return { dropped, warmed, policies, builds, end: () => setCurrentRuntime(undefined) }
}
