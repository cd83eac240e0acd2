import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { readable } from '@/lib/data/access'
import { db } from '@/lib/db'
import type { LiveTopic } from './bus'

/**
 * Those of `topics` that the actor may see: own things, things of own algorithms, readable collections;
 * administrators see all.
 */
export async function visibleTopics(ctx: Context, topics: LiveTopic[]): Promise<Set<LiveTopic>> {
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return new Set(topics)
  const owners = { in: await ownedAccountIds(ctx) }
  const [flows, algorithms, builds, accounts, collections] = await Promise.all([
    db().eventFlow.findMany({
      where: { id: { in: idsOf(topics, 'flow') }, OR: [{ ownerId: owners }, { algorithm: { ownerId: owners } }] },
      select: { id: true },
    }),
    db().algorithm.findMany({
      where: { id: { in: idsOf(topics, 'algorithm') }, ownerId: owners },
      select: { id: true },
    }),
    db().build.findMany({
      where: { id: { in: idsOf(topics, 'build') }, algorithm: { ownerId: owners } },
      select: { id: true },
    }),
    db().account.findMany({
      where: { AND: [{ id: { in: idsOf(topics, 'account') } }, { id: owners }] },
      select: { id: true },
    }),
    db().collection.findMany({
      where: { AND: [{ id: { in: idsOf(topics, 'collection') } }, await readable(ctx)] },
      select: { id: true },
    }),
  ])
  return new Set<LiveTopic>([
    ...flows.map(({ id }) => `flow:${id}` as const),
    ...algorithms.map(({ id }) => `algorithm:${id}` as const),
    ...builds.map(({ id }) => `build:${id}` as const),
    ...accounts.map(({ id }) => `account:${id}` as const),
    ...collections.map(({ id }) => `collection:${id}` as const),
  ])
}

function idsOf(topics: LiveTopic[], kind: string): string[] {
  return topics.filter((topic) => topic.startsWith(`${kind}:`)).map((topic) => topic.slice(kind.length + 1))
}
