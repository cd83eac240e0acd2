import { z } from 'zod'
import { ExecutionFilter } from '@/lib/executions/schema'
import { MessageFilter, Place } from '../schema'

const Numbers = z.array(z.string()).optional()

/** What a job was asked to do, as it stands in its row. */
export const JobRequest = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('resubmit'),
    keepMessageId: z.boolean(),
    sequenceNumbers: Numbers,
    filter: MessageFilter.optional(),
    /** The newest message that was there when it began; later ones are left alone. */
    upTo: z.string().optional(),
  }),
  z.object({
    kind: z.literal('purge'),
    place: Place,
    sequenceNumbers: Numbers,
    filter: MessageFilter.optional(),
    upTo: z.string().optional(),
  }),
  z.object({
    kind: z.literal('replay'),
    filter: ExecutionFilter,
    version: z.string(),
    /** Executions that started later are left alone: its own are among them. ISO 8601. */
    before: z.string(),
  }),
])
export type JobRequest = z.infer<typeof JobRequest>
