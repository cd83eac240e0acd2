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

/** The environments that are on this machine now, the default one first. Everybody who is signed in may see them. */
export function listEnvironments(_ctx: Context): Promise<EnvironmentSummary[]> {
  return db().environment.findMany({
    where: { isAvailable: true },
    select: { id: true, name: true, displayName: true, language: true, exactVersion: true, isDefault: true },
    orderBy: [{ isDefault: 'desc' }, { language: 'desc' }, { name: 'desc' }],
  })
}
