import { browseMessages } from '@/lib/queue-tools/browse-messages'
import { BrowseMessages } from '@/lib/queue-tools/schema'
import { sessionRoute } from '@/lib/web/route'

/** A page of the queue's messages (`?place=queue`) or dead letters (`?place=dead_letter`), without taking any. */
export const GET = sessionRoute<{ id: string }>(async (ctx, request, { id }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams)
  const page = await browseMessages(ctx, BrowseMessages.parse({ ...query, flowId: id }))
  return Response.json(page, { headers: { 'cache-control': 'no-store' } })
})
