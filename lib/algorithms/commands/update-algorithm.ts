import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { readRuntimeSettings } from '@/lib/settings/queries'
import { findEditableAlgorithm } from '../access'
import { type AlgorithmLimits, LIMIT_NAMES, LIMIT_RULES, type LimitMaxima } from '../limits'
import { UpdateAlgorithm } from '../schema'

/**
 * Changes an algorithm's title, tagline and settings; what is left out stays. Settings hold for every version: workers
 * are let go, so that the next call starts with them.
 */
export async function updateAlgorithm(ctx: Context, input: UpdateAlgorithm): Promise<void> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { owner: _owner, name: _name, ...changes } = UpdateAlgorithm.parse(input)
  if (changes.limits) requireWithinMaxima(changes.limits, (await readRuntimeSettings()).maxima)
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
  if (changes.networkAccess || changes.limits) await currentRuntime().runtime.drop(algorithm.id)
  publishLive(`algorithm:${algorithm.id}`)
}

/** An administrator says how much one algorithm may use at most. */
function requireWithinMaxima(limits: AlgorithmLimits, maxima: LimitMaxima): void {
  const tooHigh = LIMIT_NAMES.filter((name) => (limits[name] ?? 0) > maxima[name])
  if (tooHigh.length === 0) return
  const fields = tooHigh.map((name) => [
    `limits.${name}`,
    `At most ${maxima[name]}: an administrator set this maximum.`,
  ])
  const labels = tooHigh.map((name) => LIMIT_RULES[name].label).join(', ')
  throw new AppError('invalid_input', `Above the maximum of this installation: ${labels}.`, {
    fields: Object.fromEntries(fields),
  })
}

/** Closed source has the platform's own license: the others promise the source to whoever gets the program. */
export function requireFittingLicense(settings: { sourceVisibility: string; license: string }): void {
  if (settings.sourceVisibility === 'open' || settings.license === 'apl') return
  throw new AppError('invalid_input', 'An open-source license needs unrestricted source code.', {
    fields: { license: 'Choose the Platform License, or make the source code unrestricted.' },
  })
}
