import { readBuildProgress } from '@/lib/builds/queries'
import type { BuildPath } from '@/lib/builds/schema'
import { sessionRoute } from '@/lib/web/route'

/** State and new lines of a build, `?from=` characters on: what the editor asks at each change. */
export const GET = sessionRoute<BuildPath>(async (ctx, request, path) => {
  const from = new URL(request.url).searchParams.get('from') ?? 0
  return Response.json(await readBuildProgress(ctx, { ...path, from }))
})
