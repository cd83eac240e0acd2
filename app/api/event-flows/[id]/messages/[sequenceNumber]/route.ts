import { getMessage } from '@/lib/queue-tools/browse-messages'
import { MessageRef } from '@/lib/queue-tools/schema'
import { sessionRoute } from '@/lib/web/route'

/** One message with its properties and its body. */
export const GET = sessionRoute<{ id: string; sequenceNumber: string }>(async (ctx, request, params) => {
  const place = new URL(request.url).searchParams.get('place')
  const ref = MessageRef.parse({ flowId: params.id, place, sequenceNumber: params.sequenceNumber })
  return Response.json(await getMessage(ctx, ref), { headers: { 'cache-control': 'no-store' } })
})
