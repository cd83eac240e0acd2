import type { Context } from '@/lib/context'
import { getJob } from '@/lib/queue-tools/jobs/queries'

/** A request for what lies behind `event-listeners/ID/`. */
export type ListenerRequest = { ctx: Context; request: Request; url: URL; flowId: string }

/** 202: what was asked for goes on after the answer. */
export function started(body: unknown): Response {
  return Response.json(body, { status: 202 })
}

/** 202 with the job, to be looked at again under its id. */
export async function startedJob({ ctx, flowId }: ListenerRequest, { jobId }: { jobId: string }): Promise<Response> {
  return started(await getJob(ctx, { flowId, jobId }))
}
