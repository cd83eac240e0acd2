import { listDeadLetters } from '@/lib/event-flows/dead-letters'
import { EventFlowRef } from '@/lib/event-flows/schema'
import { sessionRoute } from '@/lib/web/route'

/** Asked by the flow's page on its own, so that a broker that is slow to answer holds up nothing else. */
export const GET = sessionRoute<{ id: string }>(async (ctx, _request, params) => {
  const { id } = EventFlowRef.parse(params)
  return Response.json(await listDeadLetters(ctx, { flowId: id }), { headers: { 'cache-control': 'no-store' } })
})
