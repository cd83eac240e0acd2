import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { AlgorithmPath } from './schema'

/** Which algorithm a path means: owners by name in any case, algorithms by exact name. */
export function algorithmAt(path: AlgorithmPath): Prisma.AlgorithmWhereInput {
  return { name: path.name, owner: { nameKey: path.owner.toLowerCase() } }
}

/** The accounts whose algorithms the actor may change. Throws `forbidden` for keys without the right to manage. */
export async function managedAccountIds(ctx: Context): Promise<string[]> {
  if (ctx.actor.kind === 'algorithm') {
    throw new AppError('forbidden', 'An algorithm may call algorithms, not change them.')
  }
  if (ctx.actor.kind === 'api-key' && !ctx.actor.permissions.canManage) {
    throw new AppError('forbidden', 'This API key may not manage algorithms. Use one with the right to manage.')
  }
  return await ownedAccountIds(ctx)
}

export type EditableAlgorithm = Awaited<ReturnType<typeof findEditableAlgorithm>>

/** The algorithm, when the actor may change it; `not_found` otherwise, whether it is missing or another's. */
export async function findEditableAlgorithm(ctx: Context, path: AlgorithmPath) {
  const algorithm = await db().algorithm.findFirst({
    where: { ...algorithmAt(path), ownerId: { in: await managedAccountIds(ctx) } },
    select: {
      id: true,
      name: true,
      ownerId: true,
      owner: { select: { name: true } },
      environment: { select: { name: true, language: true, interpreterPath: true, isAvailable: true } },
    },
  })
  if (!algorithm) throw notFound('algorithm', `${path.owner}/${path.name}`)
  const { owner, ...rest } = algorithm
  return { ...rest, ownerName: owner.name, endpoint: `${owner.name}/${algorithm.name}` }
}

/** What the actor may see: one's own, whatever has a public version, and everything for administrators. */
export async function visibleAlgorithms(ctx: Context): Promise<Prisma.AlgorithmWhereInput> {
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return {}
  return {
    OR: [{ ownerId: { in: await ownedAccountIds(ctx) } }, { versions: { some: { callability: 'public' } } }],
  }
}
