import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { visibleFlows } from './access'

const MINUTE_MS = 60_000
export const MINUTES_SHOWN = 60

/** What became of deliveries in the last hour, a number a minute, the oldest first; the present minute is the last. */
export type FlowMinutes = { delivered: number[]; failed: number[]; end: Date }

/** Throws `not_found` for another account's flow. */
export async function readMinutes(ctx: Context, { flowId }: { flowId: string }): Promise<FlowMinutes> {
  const present = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  const first = present - (MINUTES_SHOWN - 1) * MINUTE_MS
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: {
      minutes: {
        where: { minute: { gte: new Date(first) } },
        select: { minute: true, delivered: true, failed: true },
      },
    },
  })
  if (!flow) throw notFound('event flow')
  const delivered = Array<number>(MINUTES_SHOWN).fill(0)
  const failed = Array<number>(MINUTES_SHOWN).fill(0)
  for (const row of flow.minutes) {
    const position = Math.min(MINUTES_SHOWN - 1, Math.round((row.minute.getTime() - first) / MINUTE_MS))
    delivered[position] = row.delivered
    failed[position] = row.failed
  }
  return { delivered, failed, end: new Date(present) }
}
