import { repositoryOf } from '@/lib/algorithms/source/repository'
import { readFiles } from '@/lib/algorithms/source/tree'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { currentRuntime } from '@/lib/runtime/current'
import type { BuildResult } from '@/lib/runtime/port'
import { BuildLog } from './build-log'

const log = componentLogger('builds')

/** Takes a queued build to its end: succeeded or failed. Quiet when it is not queued (any more). */
export async function runBuild(buildId: string, signal: AbortSignal): Promise<void> {
  const { count } = await db().build.updateMany({
    where: { id: buildId, status: 'queued' },
    data: { status: 'in_progress', startedAt: new Date() },
  })
  if (count === 0) return
  const build = await db().build.findUniqueOrThrow({ where: { id: buildId }, select: BUILD })
  publishLive(`build:${buildId}`, `algorithm:${build.algorithm.id}`)
  const buildLog = new BuildLog(buildId)
  const result = await buildOrExplain(build, buildLog, signal)
  await buildLog.close()
  await db().build.updateMany({
    where: { id: buildId, status: 'in_progress' },
    data: {
      status: result.ok ? 'succeeded' : 'failed',
      finishedAt: new Date(),
      ...(result.ok ? { environmentKey: result.environmentKey } : { error: result.error }),
    },
  })
  publishLive(`build:${buildId}`, `algorithm:${build.algorithm.id}`)
}

const BUILD = {
  id: true,
  commitSha: true,
  algorithm: {
    select: {
      id: true,
      name: true,
      owner: { select: { name: true } },
      environment: { select: { language: true, interpreterPath: true } },
    },
  },
} as const

type LoadedBuild = {
  id: string
  commitSha: string
  algorithm: {
    id: string
    name: string
    owner: { name: string }
    environment: { language: 'python' | 'node'; interpreterPath: string }
  }
}

/** Whatever goes wrong ends the build with one sentence for people; a defect's details go to the server's log. */
async function buildOrExplain(build: LoadedBuild, buildLog: BuildLog, signal: AbortSignal): Promise<BuildResult> {
  const { algorithm, commitSha } = build
  const { language, interpreterPath } = algorithm.environment
  try {
    const files = await readFiles(repositoryOf(algorithm.id), commitSha)
    const algorithmName = `${algorithm.owner.name}/${algorithm.name}`
    return await currentRuntime().builder.build(
      { algorithmId: algorithm.id, algorithmName, commitSha, language, interpreterPath, files },
      (line) => buildLog.write(line),
      signal,
    )
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error: error.message }
    log.error({ err: error, buildId: build.id }, 'a build failed unexpectedly')
    return { ok: false, error: `The build stopped on an error of the server (build ${build.id}). Try it again.` }
  }
}
