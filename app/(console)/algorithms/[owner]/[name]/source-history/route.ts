import { listHistory } from '@/lib/algorithms/source/history'
import { sessionRoute } from '@/lib/web/route'

/** The newest commits, for the editor. */
export const GET = sessionRoute<{ owner: string; name: string }>(async (ctx, _request, path) => {
  return Response.json(await listHistory(ctx, path))
})
