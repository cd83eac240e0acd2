import { algorithmAt, findEditableAlgorithm, managedAccountIds, visibleAlgorithms } from '@/lib/algorithms/access'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { authenticateApiKey } from '@/lib/api-keys/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'

export type GitService = 'git-upload-pack' | 'git-receive-pack'
export type GitRepository = { id: string; endpoint: string }

/** Who asks, from HTTP's Basic scheme: an API key as the password, under any user name. Throws `unauthenticated`. */
export async function authenticateGit(header: string | null): Promise<Context> {
  const encoded = /^basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1] ?? ''
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  const [name, password] = colon < 0 ? [decoded, ''] : [decoded.slice(0, colon), decoded.slice(colon + 1)]
  return authenticateApiKey(`Simple ${password || name}`)
}

/**
 * The repository, when the actor may use it so: to push, as its manager; to read, as its manager or, where the source
 * is open, as whoever may see the algorithm. `not_found` otherwise; `forbidden` for a key that may too little.
 */
export async function findRepository(ctx: Context, path: AlgorithmPath, service: GitService): Promise<GitRepository> {
  if (service === 'git-receive-pack') return findEditableAlgorithm(ctx, path)
  if (ctx.actor.kind === 'api-key' && ctx.actor.permissions.algorithms === 'none') {
    throw new AppError('forbidden', 'This API key has no access to algorithms. Use one that has.')
  }
  const algorithm = await db().algorithm.findFirst({
    where: { AND: [algorithmAt(path), await visibleAlgorithms(ctx)] },
    select: { id: true, name: true, sourceVisibility: true, ownerId: true, owner: { select: { name: true } } },
  })
  const missing = notFound('repository', `${path.owner}/${path.name}.git`)
  if (!algorithm) throw missing
  const repository = { id: algorithm.id, endpoint: `${algorithm.owner.name}/${algorithm.name}` }
  if (algorithm.sourceVisibility === 'open') return repository
  if (ctx.actor.kind !== 'system' && ctx.actor.accountId !== algorithm.ownerId) throw missing
  if ((await managedAccountIds(ctx)).includes(algorithm.ownerId)) return repository
  throw missing
}
