import { z } from 'zod'
import { FlowOptionsInput } from './options-schema'
import { DEFAULT_TIMEOUT_SECONDS, TEST_MESSAGE_CONTENT_TYPES } from './words'

export const MAX_TIMEOUT_SECONDS = 3000
const MAX_QUEUE_NAME_CHARS = 260
const MAX_CONNECTION_STRING_CHARS = 2048
/** The standard tier of Azure Service Bus takes messages up to 256 KB, its headers included. */
const MAX_TEST_MESSAGE_CHARS = 200_000

/** A queue's name by Azure's rules. */
export const QueueName = z
  .string()
  .trim()
  .min(1, 'Enter the name of the queue.')
  .max(MAX_QUEUE_NAME_CHARS, `A queue name has at most ${MAX_QUEUE_NAME_CHARS} characters.`)
  .regex(
    /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/i,
    'A queue name has letters, digits, dots, hyphens, underscores and slashes, and begins and ends with a letter or a digit.',
  )
  .refine((name) => !name.includes('//'), 'A queue name has no two slashes in a row.')

const ConnectionStringText = z
  .string()
  .trim()
  .max(MAX_CONNECTION_STRING_CHARS, 'This is too long for a connection string.')

/** `OWNER/NAME[/VERSION]`, with or without `algo://`; without a version the newest published one is meant. */
export const AlgorithmEndpoint = z
  .string()
  .trim()
  .min(1, 'Enter the algorithm as OWNER/NAME or OWNER/NAME/VERSION.')
  .refine(
    (text) => splitAlgorithmEndpoint(text) !== undefined,
    'An algorithm looks like OWNER/NAME or OWNER/NAME/VERSION, for example alice/Hello/0.1.0.',
  )

const ENDPOINT = /^(?:algo:\/\/)?\/?([a-z][a-z0-9_]*)\/([a-z][a-z0-9_]*)(?:\/([a-z0-9.*]+))?\/?$/i

/** Also for the form's live preview. Undefined when the text is not an endpoint. */
export function splitAlgorithmEndpoint(
  text: string,
): { owner: string; name: string; versionSelector: string | null } | undefined {
  const [, owner, name, version] = ENDPOINT.exec(text.trim()) ?? []
  if (!owner || !name) return undefined
  return { owner, name, versionSelector: version ?? null }
}

/** Whole seconds as typed; blank means the default. */
export const TimeoutSeconds = z
  .union([z.string(), z.number()])
  .optional()
  .transform((value) => (value === undefined || value === '' ? DEFAULT_TIMEOUT_SECONDS : Number(value)))
  .pipe(
    z
      .number({ error: `Enter whole seconds, or leave this blank for ${DEFAULT_TIMEOUT_SECONDS}.` })
      .int('Enter whole seconds.')
      .min(1, 'The shortest timeout is 1 second.')
      .max(MAX_TIMEOUT_SECONDS, `The longest timeout is ${MAX_TIMEOUT_SECONDS} seconds.`),
  )

const Bindings = FlowOptionsInput.extend({
  queueName: QueueName,
  algorithm: AlgorithmEndpoint,
  timeoutSeconds: TimeoutSeconds,
})

/** The Connect form. The connection string's own parts are read by `parseConnectionString` of the engine. */
export const ConnectBroker = Bindings.extend({
  connectionString: ConnectionStringText.min(1, 'Paste the connection string of the queue or its namespace.'),
})
export type ConnectBroker = z.input<typeof ConnectBroker>

/** The same form for a flow that is there: a blank connection string keeps the one that is stored. */
export const EditEventFlow = Bindings.extend({ id: z.uuid(), connectionString: ConnectionStringText })
export type EditEventFlow = z.input<typeof EditEventFlow>

export const EventFlowRef = z.object({ id: z.uuid() })
export type EventFlowRef = z.infer<typeof EventFlowRef>

/** What somebody wants of a flow. */
export const FlowIntentChange = EventFlowRef.extend({ intent: z.enum(['run', 'paused', 'drained']) })
export type FlowIntentChange = z.infer<typeof FlowIntentChange>

/** A message that a person sends to a flow's queue from the console. */
export const SendTestMessage = EventFlowRef.extend({
  body: z.string().max(MAX_TEST_MESSAGE_CHARS, 'A test message has at most 200,000 characters.'),
  contentType: z.enum(TEST_MESSAGE_CONTENT_TYPES).default('application/json'),
}).superRefine(({ body, contentType }, check) => {
  if (contentType === 'application/json' && !isJson(body)) {
    check.addIssue({ code: 'custom', path: ['body'], message: 'This is not JSON. Mend it, or send it as text.' })
  }
})
export type SendTestMessage = z.input<typeof SendTestMessage>

export const FLOW_SORTS = ['uri', 'algorithm', 'state', 'last-delivery'] as const
export type FlowSort = (typeof FLOW_SORTS)[number]
export const FLOWS_PER_PAGE = 20

/** What a list of flows shows, as it stands in the URL. Nonsense in the URL falls back to the defaults. */
export const FlowListView = z.object({
  q: z.string().trim().max(260).catch('').default(''),
  sort: z.enum(FLOW_SORTS).catch('uri').default('uri'),
  order: z.enum(['asc', 'desc']).catch('asc').default('asc'),
  page: z.coerce.number().int().min(1).max(10_000).catch(1).default(1),
})
export type FlowListView = z.infer<typeof FlowListView>

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
