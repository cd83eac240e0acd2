import { z } from 'zod'
import { cancelBuild } from '@/lib/builds/commands/cancel-build'
import { startBuild } from '@/lib/builds/commands/start-build'
import { getBuild, listBuilds } from '@/lib/builds/queries'
import type { BuildStatus } from '@/lib/builds/schema'
import type { Context } from '@/lib/context'
import { notFound } from '@/lib/errors'

// Builds in the form of Algorithmia's API, and how to cancel one, which that did not have.

const STATUS: Record<BuildStatus, string> = {
  queued: 'in-progress',
  in_progress: 'in-progress',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'failed',
}

/** Serves `OWNER/NAME/compile` and `OWNER/NAME/builds[/ID[/logs|/cancel]]`, for a key that may manage. */
export async function handleBuildRequest(ctx: Context, request: Request, rest: string): Promise<Response> {
  const [owner = '', name = '', noun, buildId, verb, ...more] = rest.replace(/\/+$/, '').split('/')
  const path = { owner, name }
  if (more.length > 0) throw notFound('route')
  const route = [request.method, noun, buildId === undefined ? '' : 'ID', verb ?? ''].filter(Boolean).join(' ')
  if (buildId !== undefined && !z.uuid().safeParse(buildId).success) throw notFound('build', buildId)
  const one = { ...path, buildId: buildId ?? '' }
  switch (route) {
    case 'POST compile':
      return answerOne(ctx, { ...path, buildId: (await startBuild(ctx, path)).buildId })
    case 'GET builds': {
      const { builds } = await listBuilds(ctx, path)
      return Response.json({ marker: null, next_link: null, results: builds.map(toBuild) })
    }
    case 'GET builds ID':
      return answerOne(ctx, one)
    case 'GET builds ID logs':
      return Response.json({ logs: (await getBuild(ctx, one)).log })
    case 'POST builds ID cancel':
      await cancelBuild(ctx, one)
      return answerOne(ctx, one)
    default:
      throw notFound('route')
  }
}

async function answerOne(ctx: Context, path: { owner: string; name: string; buildId: string }): Promise<Response> {
  return Response.json(toBuild(await getBuild(ctx, path)))
}

type Build = Awaited<ReturnType<typeof listBuilds>>['builds'][number]

function toBuild(build: Omit<Build, 'isPublishable'>) {
  return {
    resource_type: 'algorithm_build',
    build_id: build.id,
    status: STATUS[build.status],
    commit_sha: build.commitSha,
    started_at: (build.startedAt ?? build.createdAt).toISOString(),
    ...(build.finishedAt && { finished_at: build.finishedAt.toISOString() }),
    ...(build.semanticVersion && { version_info: { semantic_version: build.semanticVersion } }),
  }
}
