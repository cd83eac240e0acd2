import { z } from 'zod'
import { ExecutionFilter, ExecutionListView, ReplayExecution } from '@/lib/executions/schema'
import { TIME_RANGES } from '@/lib/executions/words'
import { DryRun, MessageFilter, ResubmitEdited, StartPurge, StartResubmit } from '@/lib/queue-tools/schema'

// What the routes below `event-listeners/ID/` take. Strict: a filter with a slip of the pen would mean everything.

const filter = z.strictObject(MessageFilter.shape).optional()

const isOneSelection = ({ sequenceNumbers, filter }: { sequenceNumbers?: unknown; filter?: unknown }) =>
  sequenceNumbers === undefined || filter === undefined
const ONE_SELECTION = { error: 'Give sequenceNumbers or filter, not both.' }

export const PurgeRequest = z
  .strictObject({ ...StartPurge.omit({ flowId: true, place: true }).shape, filter })
  .refine(isOneSelection, ONE_SELECTION)

export const ResubmitRequest = z
  .strictObject({
    ...StartResubmit.omit({ flowId: true }).shape,
    keepMessageId: z.boolean().default(false),
    filter,
  })
  .refine(isOneSelection, ONE_SELECTION)

/** What is left out stays as it is in the dead letter. */
export const ResubmitOneRequest = z.strictObject({
  keepMessageId: z.boolean().default(false),
  body: ResubmitEdited.shape.body,
  bodyEncoding: ResubmitEdited.shape.bodyEncoding,
  contentType: ResubmitEdited.shape.contentType,
  applicationProperties: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]), {
      error: 'Give an object whose values are strings, numbers, true, false or null.',
    })
    .optional(),
})

export const DryRunRequest = z.strictObject({ version: DryRun.shape.version })

const ExecutionQuery = z.strictObject({ ...ExecutionFilter.shape, time: z.enum(TIME_RANGES).optional() })

export const ListExecutions = ExecutionQuery.extend({ after: ExecutionListView.shape.after }).transform(toView)

export const ReplayRequest = z
  .strictObject({ version: ReplayExecution.shape.version, filter: ExecutionQuery.default({}) })
  .transform(({ version, filter }) => ({ version, view: toView(filter) }))

export const ReplayOneRequest = z.strictObject({ version: ReplayExecution.shape.version })

/** The pages of the console call the text `q`. */
function toView<Query extends { text?: string | undefined }>({ text, ...view }: Query) {
  return { ...view, ...(text !== undefined && { q: text }) }
}
