import { z } from 'zod'
import { accountOf, type Context } from '@/lib/context'
import { AppError, notFound } from '@/lib/errors'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { deleteEventFlow } from '@/lib/event-flows/commands/delete-event-flow'
import { editEventFlow } from '@/lib/event-flows/commands/edit-event-flow'
import { setFlowIntent } from '@/lib/event-flows/commands/set-flow-intent'
import { FlowOptionsInput } from '@/lib/event-flows/options-schema'
import { type FlowRow, getFlow, listMine } from '@/lib/event-flows/queries'
import { ConnectBroker, EditEventFlow, FlowListView } from '@/lib/event-flows/schema'
import type { FlowIntent } from '@/lib/generated/prisma/enums'
import { checked, readJson } from './json-request'
import { handleListenerTools } from './listener-tools'

// Event flows under the name that Algorithmia's API had for them.

const MAX_BODY_BYTES = 64 * 1024
const SOURCE_TYPE = 'AzureSB'
/** Stands for the connection string, which never leaves the server; sent back it keeps the stored one. */
const MASK = '********'

const INTENTS: Record<string, FlowIntent> = { pause: 'paused', resume: 'run', drain: 'drained' }

const EventListenerRequest = z.object({
  sourceType: z.literal(SOURCE_TYPE, { error: `Only ${SOURCE_TYPE} is served.` }),
  sourceURI: z.string({ error: 'Give the name of the queue.' }),
  credentials: z.string({ error: 'Give the connection string.' }).optional(),
  algoOwner: z.string({ error: 'Give the owner of the algorithm.' }),
  algoName: z.string({ error: 'Give the name of the algorithm.' }),
  algoVersion: z.string().nullish(),
  algoTimeoutSeconds: z.number({ error: 'Give whole seconds.' }).optional(),
  ...FlowOptionsInput.shape,
})

/**
 * Serves `USER/event-listeners[/ID[/pause|resume|drain]]`, and what lies behind an ID; USER is the caller's own account,
 * by id or name.
 */
export async function handleEventListeners(ctx: Context, request: Request, url: URL, rest: string): Promise<Response> {
  const [user = '', noun, id, verb, ...more] = rest.replace(/\/+$/, '').split('/')
  if (noun !== 'event-listeners') throw notFound('route')
  requireOwnAccount(ctx, user)
  if (id === undefined) return serveList(ctx, request)
  if (!z.uuid().safeParse(id).success) throw notFound('event listener', id)
  if (verb === undefined) return serveOne(ctx, request, id)
  const intent = Object.hasOwn(INTENTS, verb) ? INTENTS[verb] : undefined
  if (!intent) return handleListenerTools({ ctx, request, url, flowId: id }, [verb, ...more])
  if (more.length > 0 || request.method !== 'POST') throw notFound('route')
  await setFlowIntent(ctx, { id, intent })
  return answer(ctx, id)
}

async function serveList(ctx: Context, request: Request): Promise<Response> {
  switch (request.method) {
    case 'GET':
      return Response.json((await allFlows(ctx)).map(toListener))
    case 'POST': {
      const { id } = await connectBroker(ctx, checked(ConnectBroker, toForm(await readListener(request))))
      return answer(ctx, id)
    }
    default:
      throw notServed(request)
  }
}

async function serveOne(ctx: Context, request: Request, id: string): Promise<Response> {
  switch (request.method) {
    case 'GET':
      return answer(ctx, id)
    case 'PUT':
      await editEventFlow(ctx, checked(EditEventFlow, { id, ...toForm(await readListener(request)) }))
      return answer(ctx, id)
    case 'DELETE':
      await deleteEventFlow(ctx, { id })
      return new Response(null, { status: 200 })
    default:
      throw notServed(request)
  }
}

async function answer(ctx: Context, id: string): Promise<Response> {
  return Response.json(toListener(await getFlow(ctx, { id })))
}

async function allFlows(ctx: Context): Promise<FlowRow[]> {
  const flows: FlowRow[] = []
  for (let page = 1; ; page++) {
    const found = await listMine(ctx, { ...FlowListView.parse({}), page })
    flows.push(...found.flows)
    if (found.flows.length === 0 || flows.length >= found.total) return flows
  }
}

function toListener(flow: FlowRow) {
  return {
    id: flow.id,
    sourceType: SOURCE_TYPE,
    sourceURI: flow.queueName,
    namespaceHost: flow.namespaceHost,
    credentials: MASK,
    algoOwner: flow.algorithm.owner,
    algoName: flow.algorithm.name,
    ...(flow.versionSelector && { algoVersion: flow.versionSelector }),
    algoTimeoutSeconds: flow.timeoutSeconds,
    listenerOwner: flow.ownerName,
    ...flow.options,
    intent: flow.intent,
    intentBy: flow.intentBy,
    intentAt: flow.intentAt,
    state: flow.state,
    stateReason: flow.stateReason,
    stateChangedAt: flow.stateChangedAt,
    nextTryAt: flow.nextTryAt,
  }
}

function toForm({ sourceURI, credentials, algoOwner, algoName, algoVersion, algoTimeoutSeconds, ...more }: Given) {
  const { sourceType: _, ...options } = more
  return {
    queueName: sourceURI,
    connectionString: credentials === MASK ? '' : (credentials ?? ''),
    algorithm: [algoOwner, algoName, algoVersion].filter(Boolean).join('/'),
    timeoutSeconds: algoTimeoutSeconds,
    ...options,
  }
}

type Given = z.output<typeof EventListenerRequest>

const readListener = (request: Request) => readJson(request, EventListenerRequest, MAX_BODY_BYTES)

/** Another's account is not there, as everywhere. An algorithm at work has no business with flows. */
function requireOwnAccount(ctx: Context, user: string): void {
  const { actor } = ctx
  if (actor.kind === 'algorithm') {
    throw new AppError('forbidden', 'An algorithm may call algorithms, not look at or change event listeners.')
  }
  if (user === accountOf(ctx) || user.toLowerCase() === actor.name.toLowerCase()) return
  throw notFound('user', user)
}

function notServed({ method }: Request): AppError {
  return new AppError('invalid_input', `${method} is not known here.`)
}
