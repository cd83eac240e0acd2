import { findByName } from '@/lib/search/queries'
import { Search } from '@/lib/search/schema'
import { sessionRoute } from '@/lib/web/route'

/** `?q=text` → `{ hits: SearchHit[] }`, for the search of the rail. A GET, so that typing on can abort it. */
export const GET = sessionRoute(async (ctx, request) => {
  const input = Search.parse({ q: new URL(request.url).searchParams.get('q') ?? '' })
  return Response.json({ hits: await findByName(ctx, input) })
})
