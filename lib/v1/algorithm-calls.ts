import { z } from 'zod'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { callAlgorithm } from '@/lib/executions/commands/call-algorithm'
import { newExecutionId } from '@/lib/executions/id'
import { visibleInside } from '@/lib/executions/inside'
import { componentLogger } from '@/lib/logger'
import { MAX_INPUT_BYTES } from '@/lib/runtime/limits'
import type { Payload } from '@/lib/runtime/port'
import { type ResolvedVersion, resolveEndpoint } from '@/lib/versions/resolve'
import { callResponse, rawResponse, requestIdOf } from './call-responses'
import { errorBody } from './errors'
import { isTrue } from './query'
import { readBody } from './request-body'

const DEFAULT_TIMEOUT_SECONDS = 300
const MAX_TIMEOUT_SECONDS = 3000
const NOTHING_INSIDE = { withStdout: false, withStackTrace: false }

const log = componentLogger('v1')

/** Calls an algorithm; `path` is `OWNER/NAME[/VERSION]` or the algorithm's id in place of the first two. */
export async function handleAlgorithmCall(ctx: Context, request: Request, url: URL, path: string): Promise<Response> {
  const timeoutMs = parseTimeoutSeconds(url.searchParams.get('timeout')) * 1000
  const resolved = await resolvePath(ctx, path)
  const type = payloadTypeOf(request)
  if (!type) return unsupportedType(request)
  const payload = await readPayload(request, type)
  const executionId = newExecutionId()
  const call = { resolved, payload, timeoutMs, source: 'api', executionId } as const
  const output = url.searchParams.get('output')
  if (output === 'void') {
    void callAlgorithm(ctx, { ...call, isUnattended: true }).catch((error) =>
      log.warn({ err: error, executionId }, 'a call without output failed'),
    )
    return Response.json({ async: 'void', request_id: requestIdOf(executionId) })
  }
  const { invocation } = await callAlgorithm(ctx, { ...call, signal: request.signal })
  if (output === 'raw') return rawResponse(executionId, invocation)
  const asksStdout = isTrue(url.searchParams.get('stdout'))
  // A bare result shows nothing of the inside; whose it is need not be asked then.
  if (invocation.ok && !asksStdout) return callResponse(executionId, invocation, NOTHING_INSIDE)
  const inside = await visibleInside(ctx, resolved.algorithm)
  return callResponse(executionId, invocation, {
    withStdout: inside.streams && asksStdout,
    withStackTrace: inside.stackTrace,
  })
}

async function resolvePath(ctx: Context, path: string): Promise<ResolvedVersion> {
  const [first = '', ...selector] = path.split('/')
  if (!z.uuid().safeParse(first).success) return resolveEndpoint(ctx, path)
  const found = await db().algorithm.findUnique({
    where: { id: first },
    select: { name: true, owner: { select: { name: true } } },
  })
  // Who may not call it does not learn its name from its id.
  const hidden = new AppError('not_found', `algorithm algo://${path} not found`)
  if (!found) throw hidden
  return resolveEndpoint(ctx, [found.owner.name, found.name, ...selector].join('/')).catch((error) => {
    throw error instanceof AppError && error.code === 'not_found' ? hidden : error
  })
}

function parseTimeoutSeconds(text: string | null): number {
  if (text === null || text === '') return DEFAULT_TIMEOUT_SECONDS
  const seconds = Number(text)
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds
  throw new AppError('invalid_input', `timeout is a number of seconds, more than 0 and at most ${MAX_TIMEOUT_SECONDS}.`)
}

const PAYLOAD_TYPES: Record<string, Payload['type']> = {
  'application/json': 'json',
  'text/plain': 'text',
  'application/text': 'text',
  'application/octet-stream': 'binary',
}

function payloadTypeOf(request: Request): Payload['type'] | undefined {
  const bare = request.headers.get('content-type')?.split(';')[0] ?? ''
  return PAYLOAD_TYPES[bare.trim().toLowerCase()]
}

function unsupportedType(request: Request): Response {
  const given = request.headers.get('content-type') ?? 'none'
  const known = 'application/json, text/plain or application/octet-stream'
  return errorBody({ message: `The Content-Type of an input is ${known}; this request has ${given}.` }, 415)
}

async function readPayload(request: Request, type: Payload['type']): Promise<Payload> {
  return { type, bytes: await readBody(request, MAX_INPUT_BYTES, 'The input') }
}
