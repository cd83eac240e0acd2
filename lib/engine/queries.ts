import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { readConsumers } from './consumers'
import { type ConsumerStatus, currentEngine } from './current'

export type ConsumersReport = { isRunning: boolean; consumers: ConsumerStatus[] }

/** What the consumers of all engines do, and whether one runs here: all of them for administrators, their own flows' for members. */
export async function reportConsumers(ctx: Context): Promise<ConsumersReport> {
  const { isRunning } = currentEngine()
  const consumers = await readConsumers()
  if (ctx.actor.kind === 'system' || (ctx.actor.kind === 'user' && ctx.actor.isAdmin)) return { isRunning, consumers }
  const owned = new Set(await ownedAccountIds(ctx))
  return { isRunning, consumers: consumers.filter(({ ownerId }) => owned.has(ownerId)) }
}
