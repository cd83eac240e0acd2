import { readReadiness } from '@/lib/admin/readiness'

export const dynamic = 'force-dynamic'

/**
 * `?probe=live`: 200 as long as the process answers. Otherwise readiness: 200 when pages and calls would work,
 * 503 with what does not. Open to all, so it says no more than that.
 */
export async function GET(request: Request): Promise<Response> {
  if (new URL(request.url).searchParams.get('probe') === 'live') return Response.json({ status: 'ok' })
  const readiness = await readReadiness()
  return Response.json(readiness, {
    status: readiness.status === 'ok' ? 200 : 503,
    headers: { 'cache-control': 'no-store' },
  })
}
