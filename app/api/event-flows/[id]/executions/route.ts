import { EventFlowRef } from '@/lib/event-flows/schema'
import { listForFlow } from '@/lib/executions/list'
import { ExecutionListView } from '@/lib/executions/schema'
import { sessionRoute } from '@/lib/web/route'

/** Asked by a page whose search for a text has not come to its end: the list's own parameters, with `after`. */
export const GET = sessionRoute<{ id: string }>(async (ctx, request, params) => {
  const { id } = EventFlowRef.parse(params)
  const view = ExecutionListView.parse(Object.fromEntries(new URL(request.url).searchParams))
  const page = await listForFlow(ctx, { flowId: id, ...view }, 'more')
  return Response.json(page, { headers: { 'cache-control': 'no-store' } })
})
