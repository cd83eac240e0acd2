import { z } from 'zod'
import { ExecutionSource, ExecutionStatus, PayloadPart } from '@/lib/generated/prisma/enums'
import { TIME_RANGES } from './words'

export const EXECUTIONS_PER_PAGE = 25

const Moment = z.iso.datetime({ offset: true })
const SemanticVersionText = z.string().regex(/^\d+\.\d+\.\d+$/)
const MAX_TEXT_CHARS = 260

/** Which executions of a flow: all that fit each of these. */
export const ExecutionFilter = z.object({
  status: z.enum(ExecutionStatus).optional(),
  source: z.enum(ExecutionSource).optional(),
  version: SemanticVersionText.optional(),
  /** ISO 8601; started at or after, and before. */
  from: Moment.optional(),
  to: Moment.optional(),
  /** A message's id, or a part of an id, an error, an input's or a result's beginning. */
  text: z.string().trim().min(1).max(MAX_TEXT_CHARS).optional(),
})
export type ExecutionFilter = z.infer<typeof ExecutionFilter>

/** What a flow's list of executions shows, as it stands in the URL. Nonsense falls back to the defaults. */
export const ExecutionListView = z.object({
  status: z.enum(ExecutionStatus).optional().catch(undefined),
  source: z.enum(ExecutionSource).optional().catch(undefined),
  version: SemanticVersionText.optional().catch(undefined),
  /** One of the named ranges up to now; `from` and `to` count without one. */
  time: z.enum(TIME_RANGES).optional().catch(undefined),
  from: Moment.optional().catch(undefined),
  to: Moment.optional().catch(undefined),
  q: z.string().trim().min(1).max(MAX_TEXT_CHARS).optional().catch(undefined),
  /** Where the page begins: from `ExecutionPage.next`. */
  after: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f-]{36}$/)
    .optional()
    .catch(undefined),
})
export type ExecutionListView = z.infer<typeof ExecutionListView>

export const ExecutionRef = z.object({ id: z.uuid() })
export type ExecutionRef = z.infer<typeof ExecutionRef>

/** An execution whose input is to be run again; a blank version means what its flow runs now. */
export const ReplayExecution = ExecutionRef.extend({
  version: z
    .string()
    .trim()
    .max(64)
    .regex(/^[a-z0-9.*]*$/i, 'A version looks like 1.2.3.')
    .default(''),
})
export type ReplayExecution = z.input<typeof ReplayExecution>

export const PayloadRef = ExecutionRef.extend({ part: z.enum(PayloadPart) })
export type PayloadRef = z.infer<typeof PayloadRef>
