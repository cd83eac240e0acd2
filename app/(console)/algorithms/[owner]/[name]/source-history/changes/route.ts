import { readSourceChanges } from '@/lib/algorithms/source/history'
import { sessionRoute } from '@/lib/web/route'

/** What differs between two commits: `?from=SHA&to=SHA`; without `from`, what `to` changed. */
export const GET = sessionRoute<{ owner: string; name: string }>(async (ctx, request, path) => {
  const { searchParams } = new URL(request.url)
  const from = searchParams.get('from') ?? undefined
  return Response.json(await readSourceChanges(ctx, { ...path, from, to: searchParams.get('to') ?? '' }))
})
