import { repositoryOf } from '@/lib/algorithms/source/repository'
import { readFiles } from '@/lib/algorithms/source/tree'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { leaveEnvironments, noteEnvironment } from '@/lib/package-environments/commands/leave-environment'
import { recordPackageEnvironment } from '@/lib/package-environments/commands/record-package-environment'
import { currentRuntime } from '@/lib/runtime/current'
import type { BuildResult } from '@/lib/runtime/port'
import { metrics } from '@/lib/telemetry/registry'
import { BuildLog } from './build-log'

const log = componentLogger('builds')

/** A build that this process has claimed. */
export type ClaimedBuild = { buildId: string; builderId: string; isStopping: () => boolean }

/** Takes a claimed build to its end: succeeded, failed or cancelled; back into the queue when the server stops. */
export async function runBuild(claim: ClaimedBuild, signal: AbortSignal): Promise<void> {
  const { buildId, builderId } = claim
  const build = await db().build.findUniqueOrThrow({ where: { id: buildId }, select: BUILD })
  const { id: environmentId, interpreterPath, exactVersion } = build.algorithm.environment
  await db().build.updateMany({
    where: { id: buildId, claimedBy: builderId, status: 'in_progress' },
    data: { environmentId, interpreterPath, interpreterVersion: exactVersion },
  })
  publishLive(`build:${buildId}`, `algorithm:${build.algorithm.id}`)
  const buildLog = new BuildLog(buildId)
  const endTimer = metrics().buildSeconds.startTimer()
  const result = await buildOrExplain(build, buildLog, signal)
  endTimer()
  metrics().builds.inc({ result: result.ok ? 'succeeded' : signal.aborted ? 'cancelled' : 'failed' })
  await buildLog.close()
  if (signal.aborted && claim.isStopping() && !result.ok && (await queueAgain(claim))) return
  await recordEnd(claim, result)
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
      environment: { select: { id: true, language: true, interpreterPath: true, exactVersion: true } },
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
    environment: { id: string; language: 'python' | 'node'; interpreterPath: string; exactVersion: string }
  }
}

/** The next start of a server goes on with what this one could not finish. False when somebody cancelled it. */
async function queueAgain({ buildId, builderId }: ClaimedBuild): Promise<boolean> {
  const { count } = await db().build.updateMany({
    where: { id: buildId, claimedBy: builderId, status: 'in_progress', cancelRequestedAt: null },
    data: { status: 'queued', claimedBy: null, heartbeatAt: null, startedAt: null, log: '' },
  })
  return count > 0
}

async function recordEnd({ buildId, builderId }: ClaimedBuild, result: BuildResult): Promise<void> {
  // A build whose claim was lost is another one's to record.
  const where = { id: buildId, claimedBy: builderId, status: 'in_progress' } as const
  const finishedAt = new Date()
  if (result.ok) {
    await db().$transaction(async (tx) => {
      await recordPackageEnvironment(tx, result)
      await tx.build.updateMany({
        where,
        data: { status: 'succeeded', finishedAt, environmentKey: result.environmentKey },
      })
    })
    return
  }
  const failed = { finishedAt, error: result.error }
  const cancelled = await db().build.updateMany({
    where: { ...where, cancelRequestedAt: { not: null } },
    data: { ...failed, status: 'cancelled', error: 'The build was cancelled.' },
  })
  if (cancelled.count === 0) await db().build.updateMany({ where, data: { ...failed, status: 'failed' } })
  await leaveEnvironments([buildId])
}

/** Whatever goes wrong ends the build with one sentence for people; a defect's details go to the server's log. */
async function buildOrExplain(build: LoadedBuild, buildLog: BuildLog, signal: AbortSignal): Promise<BuildResult> {
  const { algorithm, commitSha } = build
  const { language, interpreterPath } = algorithm.environment
  try {
    const files = await readFiles(repositoryOf(algorithm.id), commitSha)
    const algorithmName = `${algorithm.owner.name}/${algorithm.name}`
    return await currentRuntime().builder.build(
      {
        ...{ algorithmId: algorithm.id, algorithmName, commitSha, language, interpreterPath, files },
        noteEnvironment: (environmentKey) => noteEnvironment(build.id, environmentKey),
      },
      (line) => buildLog.write(line),
      signal,
    )
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error: error.message }
    log.error({ err: error, buildId: build.id }, 'a build failed unexpectedly')
    return { ok: false, error: `The build stopped on an error of the server (build ${build.id}). Try it again.` }
  }
}
