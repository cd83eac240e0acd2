import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import type { Language } from '@/lib/generated/prisma/enums'
import { compareEnvironments } from './schema'

/** A language runtime that algorithms can be built for. */
export type EnvironmentSummary = {
  id: string
  /** Stable, say `python311`. */
  name: string
  displayName: string
  language: Language
  exactVersion: string
  isDefault: boolean
  position: number | null
}

const SUMMARY = {
  id: true,
  name: true,
  displayName: true,
  language: true,
  exactVersion: true,
  isDefault: true,
  position: true,
} as const

/**
 * The environments that are offered: on this machine now, and not switched off. The default one is first, then as an
 * administrator ordered them, then Python before Node, newer before older. Everybody who is signed in may see them.
 */
export async function listEnvironments(_ctx: Context): Promise<EnvironmentSummary[]> {
  const offered = await db().environment.findMany({ where: { isAvailable: true, isEnabled: true }, select: SUMMARY })
  return offered.sort(compareEnvironments)
}

export type ManagedEnvironment = Awaited<ReturnType<typeof listManagedEnvironments>>[number]

/** Every environment there is or was, with how many algorithms have it. For administrators. */
export async function listManagedEnvironments(ctx: Context) {
  requireAdmin(ctx)
  const environments = await db().environment.findMany({
    select: {
      ...SUMMARY,
      interpreterPath: true,
      isAvailable: true,
      isEnabled: true,
      _count: { select: { algorithms: true } },
    },
  })
  return environments
    .map(({ _count, ...environment }) => ({ ...environment, algorithmCount: _count.algorithms }))
    .sort(compareEnvironments)
}
