import { z } from 'zod'
import { ExecutionStatus } from '@/lib/generated/prisma/enums'

export const EXECUTIONS_PER_PAGE = 25

/** What a flow's list of executions shows, as it stands in the URL. Nonsense falls back to the defaults. */
export const ExecutionListView = z.object({
  status: z.enum(ExecutionStatus).optional().catch(undefined),
  /** The id of the last execution of the page before: ids are made in the order of time. */
  after: z.uuid().optional().catch(undefined),
})
export type ExecutionListView = z.infer<typeof ExecutionListView>

export const ExecutionRef = z.object({ id: z.uuid() })
export type ExecutionRef = z.infer<typeof ExecutionRef>
