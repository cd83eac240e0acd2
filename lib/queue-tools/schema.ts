import { z } from 'zod'
import { ExecutionListView } from '@/lib/executions/schema'
import { MESSAGES_PER_PAGE, PURGE_WORD } from './words'

const MAX_SELECTED = 1_000
const MAX_BODY_CHARS = 400_000
const MAX_PROPERTIES_CHARS = 64_000

/** A queue itself, or the queue of its dead letters. */
export const Place = z.enum(['queue', 'dead_letter'])

const SequenceNumber = z
  .string()
  .trim()
  .regex(/^\d{1,19}$/, { error: 'A sequence number is a whole number.', abort: true })
  .refine((text) => BigInt(text) <= 9_223_372_036_854_775_807n, 'There is no sequence number as large as this.')

/** Which of a queue's messages: those with this reason, and with this text in id, body, description or properties. */
export const MessageFilter = z.object({
  reason: z.string().max(4_096).optional(),
  text: z.string().trim().max(260).optional(),
})
export type MessageFilter = z.infer<typeof MessageFilter>

const FlowRef = z.object({ flowId: z.uuid() })

export const BrowseMessages = FlowRef.extend({
  place: Place,
  from: SequenceNumber.optional(),
  count: z.coerce.number().int().min(1).max(250).default(MESSAGES_PER_PAGE),
}).extend(MessageFilter.shape)
export type BrowseMessages = z.input<typeof BrowseMessages>

export const MessageRef = FlowRef.extend({ place: Place, sequenceNumber: SequenceNumber })
export type MessageRef = z.infer<typeof MessageRef>

/** A dead letter with what is to be different when it is sent again; what is left out stays. */
export const ResubmitEdited = FlowRef.extend({
  sequenceNumber: SequenceNumber,
  keepMessageId: z.boolean(),
  body: z.string().max(MAX_BODY_CHARS, 'A body that is edited here has at most 400,000 characters.').optional(),
  bodyEncoding: z.enum(['text', 'base64']).default('text'),
  /** Blank: none. */
  contentType: z.string().trim().max(256, 'A content type has at most 256 characters.').optional(),
  /** JSON: an object of strings, numbers and booleans. */
  applicationProperties: z.string().max(MAX_PROPERTIES_CHARS, 'These are too many properties.').optional(),
}).superRefine(({ body, bodyEncoding, applicationProperties }, check) => {
  if (body !== undefined && bodyEncoding === 'base64' && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(body)) {
    check.addIssue({ code: 'custom', path: ['body'], message: 'This is not base64.' })
  }
  if (applicationProperties !== undefined && !isPropertyObject(applicationProperties)) {
    const message = 'Write one JSON object whose values are strings, numbers, true, false or null.'
    check.addIssue({ code: 'custom', path: ['applicationProperties'], message })
  }
})
export type ResubmitEdited = z.input<typeof ResubmitEdited>

/** Dead letters to send again: those of these numbers, or all that match. */
export const StartResubmit = FlowRef.extend({
  keepMessageId: z.boolean(),
  sequenceNumbers: z.array(SequenceNumber).min(1).max(MAX_SELECTED).optional(),
  filter: MessageFilter.optional(),
})
export type StartResubmit = z.input<typeof StartResubmit>

export const StartPurge = FlowRef.extend({
  place: Place,
  sequenceNumbers: z.array(SequenceNumber).min(1).max(MAX_SELECTED).optional(),
  filter: MessageFilter.optional(),
  word: z.literal(PURGE_WORD, `Type ${PURGE_WORD} to confirm.`),
})
export type StartPurge = z.input<typeof StartPurge>

/** A version to run: `1.2.3`, a selector, or blank for what the flow runs. */
export const VersionChoice = z
  .string()
  .trim()
  .max(64)
  .regex(/^[a-z0-9.*]*$/i, 'A version looks like 1.2.3.')
  .default('')

export const DryRun = MessageRef.extend({ version: VersionChoice })
export type DryRun = z.input<typeof DryRun>

/** Executions of a flow to run again: those that the view shows, on all its pages. */
export const StartReplay = FlowRef.extend({ version: VersionChoice, view: ExecutionListView.omit({ after: true }) })
export type StartReplay = z.input<typeof StartReplay>

export const JobRef = z.object({ id: z.uuid() })
export type JobRef = z.infer<typeof JobRef>

/** An object of plain values, as a message's application properties are. */
export function isPropertyObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    return Object.values(value).every((one) => one === null || ['string', 'number', 'boolean'].includes(typeof one))
  } catch {
    return false
  }
}
