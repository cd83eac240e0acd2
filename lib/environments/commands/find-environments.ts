import type { Context } from '@/lib/context'
import { lookForEnvironments, type PassedOver } from '../discover'
import { syncEnvironments } from './sync-environments'

/** Brings the table of environments up to date; tells how many runtimes were found, and which interpreters can not be used. */
export async function findEnvironments(ctx: Context): Promise<{ count: number; passedOver: PassedOver[] }> {
  let passedOver: PassedOver[] = []
  const environments = await syncEnvironments(ctx, async () => {
    const discovery = await lookForEnvironments()
    passedOver = discovery.passedOver
    return discovery.found
  })
  return { count: environments.length, passedOver }
}
