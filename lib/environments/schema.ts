import { z } from 'zod'

export const EnvironmentId = z.object({ environmentId: z.uuid() })
export type EnvironmentId = z.infer<typeof EnvironmentId>

/** What is left out stays. */
export const UpdateEnvironment = EnvironmentId.extend({
  displayName: z.string().trim().min(1, 'Give the environment a name.').max(60, 'At most 60 characters.').optional(),
  isEnabled: z.boolean().optional(),
})
export type UpdateEnvironment = z.infer<typeof UpdateEnvironment>

export const MoveEnvironment = EnvironmentId.extend({ direction: z.enum(['up', 'down']) })
export type MoveEnvironment = z.infer<typeof MoveEnvironment>

type Ordered = {
  isDefault: boolean
  position: number | null
  language: 'python' | 'node'
  exactVersion: string
}

/** The default one first, then as an administrator ordered them, then Python before Node and newer before older. */
export function compareEnvironments(a: Ordered, b: Ordered): number {
  if (a.isDefault !== b.isDefault) return a.isDefault ? -1 : 1
  const byPosition = (a.position ?? Number.MAX_SAFE_INTEGER) - (b.position ?? Number.MAX_SAFE_INTEGER)
  if (byPosition !== 0) return byPosition
  if (a.language !== b.language) return a.language === 'python' ? -1 : 1
  return b.exactVersion.localeCompare(a.exactVersion, 'en', { numeric: true })
}
