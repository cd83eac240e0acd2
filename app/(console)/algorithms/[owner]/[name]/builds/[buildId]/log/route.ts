import { getBuild } from '@/lib/builds/queries'
import type { BuildPath } from '@/lib/builds/schema'
import { sessionRoute } from '@/lib/web/route'

/** The whole log as a file. */
export const GET = sessionRoute<BuildPath>(async (ctx, _request, path) => {
  const build = await getBuild(ctx, path)
  return new Response(build.log, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${path.name}-${build.commitSha.slice(0, 8)}.log"`,
    },
  })
})
