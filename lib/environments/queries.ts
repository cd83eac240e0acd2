import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import type { Language } from '@/lib/generated/prisma/enums'

/** A language runtime that algorithms can be built for. */
export type EnvironmentSummary = {
  id: string
  /** Stable, say `python311`. */
  name: string
  displayName: string
  language: Language
  exactVersion: string
  isDefault: boolean
}

/**
 * The environments that are on this machine now: the default one first, then Python before Node, newer before older.
 * Everybody who is signed in may see them.
 */
export async function listEnvironments(_ctx: Context): Promise<EnvironmentSummary[]> {
  const available = await db().environment.findMany({
    where: { isAvailable: true },
    select: { id: true, name: true, displayName: true, language: true, exactVersion: true, isDefault: true },
  })
  return available.sort(compareSummaries)
}

function compareSummaries(a: EnvironmentSummary, b: EnvironmentSummary): number {
  if (a.isDefault !== b.isDefault) return a.isDefault ? -1 : 1
  if (a.language !== b.language) return a.language === 'python' ? -1 : 1
  return b.exactVersion.localeCompare(a.exactVersion, 'en', { numeric: true })
}
