import { EventFlowRef } from '@/lib/event-flows/schema'
import { readBacklog } from '@/lib/queue-tools/backlog'
import { sessionRoute } from '@/lib/web/route'

/** Asked by the flow's page on its own, so that a broker that is slow to answer holds up nothing else. */
export const GET = sessionRoute<{ id: string }>(async (ctx, _request, params) => {
  const { id } = EventFlowRef.parse(params)
  return Response.json(await readBacklog(ctx, { flowId: id }), { headers: { 'cache-control': 'no-store' } })
})
