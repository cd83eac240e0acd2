import { z } from 'zod'
import { AlgorithmPath } from '@/lib/algorithms/schema'

export const BUILDS_PER_PAGE = 20

/** What is kept of a build's log; what comes later is dropped with a note. */
export const MAX_LOG_CHARS = 1024 * 1024

export const BuildStatus = z.enum(['queued', 'in_progress', 'succeeded', 'failed', 'cancelled'])
export type BuildStatus = z.infer<typeof BuildStatus>

export const BUILD_STATUS_LABELS: Record<BuildStatus, string> = {
  queued: 'Queued',
  in_progress: 'In progress',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export function isFinished(status: BuildStatus): boolean {
  return status !== 'queued' && status !== 'in_progress'
}

/** The newest commit is what gets built. */
export const StartBuild = AlgorithmPath
export type StartBuild = z.input<typeof StartBuild>

export const ListBuilds = AlgorithmPath.extend({
  /** The start of a commit's SHA or of a version's number. */
  filter: z.string().trim().max(60).catch('').default(''),
  status: z
    .enum(['all', ...BuildStatus.options])
    .catch('all')
    .default('all'),
  page: z.coerce.number<string | number>().int().min(1).catch(1).default(1),
})
export type ListBuilds = z.input<typeof ListBuilds>

export const BuildPath = AlgorithmPath.extend({ buildId: z.uuid() })
export type BuildPath = z.input<typeof BuildPath>

/** `from` counts the characters of the log that the watcher has. */
export const BuildProgressOf = BuildPath.extend({
  from: z.coerce
    .number<string | number>()
    .int()
    .min(0)
    .max(2 * MAX_LOG_CHARS)
    .catch(0)
    .default(0),
})
export type BuildProgressOf = z.input<typeof BuildProgressOf>
