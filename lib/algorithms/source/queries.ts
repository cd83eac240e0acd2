import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { getAlgorithm } from '../queries'
import type { AlgorithmPath } from '../schema'
import { readHead, repositoryOf } from './repository'
import { readSourceFiles } from './tree'

export type SourceView = Awaited<ReturnType<typeof getSource>>

/** The newest commit of an algorithm with all its files, for whoever may read the source. */
export async function getSource(ctx: Context, path: AlgorithmPath) {
  const algorithm = await getAlgorithm(ctx, path)
  if (!algorithm.canReadSource) throw notFound('algorithm', algorithm.endpoint)
  const repository = repositoryOf(algorithm.id)
  const headSha = await readHead(repository)
  if (!headSha) throw new Error(`the repository of ${algorithm.endpoint} has no commit`)
  const [files, commitCount] = await Promise.all([
    readSourceFiles(repository, headSha),
    db().commit.count({ where: { algorithmId: algorithm.id } }),
  ])
  return { algorithm, headSha, files, isUntouched: commitCount <= 1 }
}
