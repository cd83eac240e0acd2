import { accountOf, type Context } from '@/lib/context'

/** The accounts that the actor may act for: today its own. */
export async function ownedAccountIds(ctx: Context): Promise<string[]> {
  return [accountOf(ctx)]
}
