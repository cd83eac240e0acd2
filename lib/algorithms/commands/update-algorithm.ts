import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { findEditableAlgorithm } from '../access'
import { UpdateAlgorithm } from '../schema'

/**
 * Changes an algorithm's title, tagline and settings; what is left out stays. Settings hold for every version: workers
 * are let go, so that the next call starts with them.
 */
export async function updateAlgorithm(ctx: Context, input: UpdateAlgorithm): Promise<void> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { owner: _owner, name: _name, ...changes } = UpdateAlgorithm.parse(input)
  await db().$transaction(async (tx) => {
    const { count } = await tx.algorithm.updateMany({
      where: { id: algorithm.id, ownerId: algorithm.ownerId },
      data: changes,
    })
    if (count === 0) throw notFound('algorithm', algorithm.endpoint)
    const saved = await tx.algorithm.findUniqueOrThrow({
      where: { id: algorithm.id },
      select: { sourceVisibility: true, license: true },
    })
    requireFittingLicense(saved)
    await recordAudit(tx, ctx, {
      action: 'algorithm.update',
      targetKind: 'algorithm',
      targetName: algorithm.endpoint,
      accountId: algorithm.ownerId,
      details: { changed: Object.keys(changes).join(', ') },
    })
  })
  if (changes.networkAccess) await currentRuntime().runtime.drop(algorithm.id)
  publishLive(`algorithm:${algorithm.id}`)
}

/** Closed source has the platform's own license: the others promise the source to whoever gets the program. */
export function requireFittingLicense(settings: { sourceVisibility: string; license: string }): void {
  if (settings.sourceVisibility === 'open' || settings.license === 'apl') return
  throw new AppError('invalid_input', 'An open-source license needs unrestricted source code.', {
    fields: { license: 'Choose the Platform License, or make the source code unrestricted.' },
  })
}
