import { accountOf, type Context } from '@/lib/context'
import { env } from '@/lib/env'

/** What the Connect form is drawn with. */
export type BrokerFormOptions = {
  /** Stands before `OWNER/NAME/VERSION` in the full address of an algorithm. */
  algorithmBaseUrl: string
  /** The embedded broker's connection string, for who may have it; null for all others. */
  embeddedBroker: string | null
}

/**
 * The embedded broker's string holds its root key, so only an administrator of a server that nobody else can reach
 * gets it.
 */
export function getBrokerFormOptions(ctx: Context): BrokerFormOptions {
  accountOf(ctx)
  const { NEXTAUTH_URL, HEADRACE_EMBEDDED_BROKER, HEADRACE_LOOPBACK_ONLY } = env()
  const isLocalAdmin = ctx.actor.kind === 'user' && ctx.actor.isAdmin && HEADRACE_LOOPBACK_ONLY === '1'
  return {
    algorithmBaseUrl: `${new URL(NEXTAUTH_URL).origin}/v1/algo/`,
    embeddedBroker: isLocalAdmin ? (HEADRACE_EMBEDDED_BROKER ?? null) : null,
  }
}
