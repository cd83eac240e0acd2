import { findEditableAlgorithm } from '@/lib/algorithms/access'
import { lockAlgorithm } from '@/lib/algorithms/commands/save-source'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { currentEngine } from '@/lib/engine/current'
import { AppError, notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { formatSemanticVersion, nextSemanticVersion, PublishVersion } from '../schema'

export type PublishedVersion = { versionId: string; semanticVersion: string; endpoint: string }

/**
 * Publishes a successful build under the next major, minor or revision number. Throws `conflict` for a build that did
 * not succeed or is published already, and `invalid_input` when who may call changes without a new major version.
 */
export async function publishVersion(ctx: Context, input: PublishVersion): Promise<PublishedVersion> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const wanted = PublishVersion.parse(input)
  const published = await db().$transaction(async (tx) => {
    await lockAlgorithm(tx, algorithm)
    await requirePublishable(tx, algorithm.id, wanted.buildId)
    const last = await tx.version.findFirst({
      where: { algorithmId: algorithm.id },
      orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
      select: { major: true, minor: true, revision: true, callability: true },
    })
    requireSameCallability(last, wanted)
    const number = nextSemanticVersion(last, wanted.bump)
    const { buildId, callability, releaseNotes, sampleInput, sampleOutput } = wanted
    const { id } = await tx.version.create({
      data: { algorithmId: algorithm.id, buildId, ...number, callability, releaseNotes, sampleInput, sampleOutput },
      select: { id: true },
    })
    const semanticVersion = formatSemanticVersion(number)
    const endpoint = `${algorithm.endpoint}/${semanticVersion}`
    await recordAudit(tx, ctx, {
      action: 'version.publish',
      targetKind: 'version',
      targetName: endpoint,
      accountId: algorithm.ownerId,
      details: { callability, buildId },
    })
    return { versionId: id, semanticVersion, endpoint }
  })
  publishLive(`algorithm:${algorithm.id}`)
  // Flows that wait for a version, or follow the newest one, need not wait for the engine's next look.
  await currentEngine().refreshAll()
  return published
}

async function requirePublishable(tx: Transaction, algorithmId: string, buildId: string): Promise<void> {
  const build = await tx.build.findFirst({
    where: { id: buildId, algorithmId },
    select: { status: true, version: { select: { major: true, minor: true, revision: true } } },
  })
  if (!build) throw notFound('build', buildId)
  if (build.version) {
    const number = formatSemanticVersion(build.version)
    throw new AppError(
      'conflict',
      `This build is published already, as version ${number}. Build again to publish more.`,
    )
  }
  if (build.status === 'succeeded') return
  throw new AppError('conflict', 'Only a build that succeeded can be published; wait for it or build again.')
}

/** Callers rely on who may call a version line: it changes at a new major version only. */
function requireSameCallability(
  last: { callability: string } | null,
  wanted: { bump: string; callability: string },
): void {
  if (!last || wanted.bump === 'major' || last.callability === wanted.callability) return
  throw new AppError(
    'invalid_input',
    `Versions of this line are ${last.callability}; that changes at a major version only.`,
    {
      fields: { callability: `Stay ${last.callability}, or publish a major version.` },
    },
  )
}
