import { reportConsumers } from '@/lib/engine/queries'
import { sessionRoute } from '@/lib/web/route'

export const dynamic = 'force-dynamic'

/**
 * The background route handler: the process that serves it hosts the event flows' consumers (instrumentation.ts starts
 * them), and it reports what each of them does. Administrators see all, members their own.
 */
export const GET = sessionRoute(async (ctx) =>
  Response.json(await reportConsumers(ctx), { headers: { 'cache-control': 'no-store' } }),
)
