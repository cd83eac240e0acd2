import { requireAdmin } from '@/lib/context'
import { env } from '@/lib/env'
import { isMetricsToken, readMetrics } from '@/lib/telemetry/read-metrics'
import { sessionRoute } from '@/lib/web/route'

export const dynamic = 'force-dynamic'

/** Metrics of this process for Prometheus: for who brings HEADRACE_METRICS_TOKEN, and for administrators. */
export const GET = sessionRouteUnlessToken(async () => {
  const { contentType, text } = await readMetrics()
  return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
})

function sessionRouteUnlessToken(answer: () => Promise<Response>) {
  const forAdministrators = sessionRoute((ctx) => {
    requireAdmin(ctx)
    return answer()
  })
  return (request: Request, segment: { params: Promise<Record<string, string | string[]>> }): Promise<Response> => {
    const { HEADRACE_METRICS_TOKEN: token } = env()
    const isScraper = token !== undefined && isMetricsToken(request.headers.get('authorization'), token)
    return isScraper ? answer() : forAdministrators(request, segment)
  }
}
