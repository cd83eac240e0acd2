import { Readable } from 'node:stream'
import { z } from 'zod'
import { notFound } from '@/lib/errors'
import { replayExecution } from '@/lib/executions/commands/replay-execution'
import { listForFlow } from '@/lib/executions/list'
import { openPayload } from '@/lib/executions/payloads'
import { getExecution } from '@/lib/executions/queries'
import { startReplay } from '@/lib/queue-tools/commands/start-job'
import { checked, queryOf, readJson } from './json-request'
import { type ListenerRequest, started, startedJob } from './listener-answers'
import { ListExecutions, ReplayOneRequest, ReplayRequest } from './listener-requests'

const MAX_BODY_BYTES = 64 * 1024
const TYPES = { json: 'application/json', text: 'text/plain; charset=utf-8', binary: 'application/octet-stream' }

/** Serves `executions[/replay]` and `executions/ID[/input|/result|/replay]` of an event flow. */
export async function handleListenerExecutions(asked: ListenerRequest, path: string[]): Promise<Response> {
  const { ctx, request, url, flowId } = asked
  const [id, verb = '', ...more] = path
  if (more.length > 0) throw notFound('route')
  if (id === undefined && request.method === 'GET') {
    return Response.json(await listForFlow(ctx, { ...checked(ListExecutions, queryOf(url)), flowId }, 'more'))
  }
  if (id === 'replay' && verb === '' && request.method === 'POST') {
    const wanted = await readJson(request, ReplayRequest, MAX_BODY_BYTES)
    return startedJob(asked, await startReplay(ctx, { ...wanted, flowId }))
  }
  return serveOne(asked, id ?? '', verb)
}

async function serveOne({ ctx, request, flowId }: ListenerRequest, id: string, verb: string): Promise<Response> {
  if (!z.uuid().safeParse(id).success) throw notFound('execution', id)
  const { replayVersions: _, ...execution } = await getExecution(ctx, { id })
  if (execution.flow?.id !== flowId) throw notFound('execution', id)
  switch (`${request.method} ${verb}`) {
    case 'GET ':
      return Response.json(execution)
    case 'GET input':
      return answerPayload(await openPayload(ctx, { id, part: 'input' }))
    case 'GET result':
      return answerPayload(await openPayload(ctx, { id, part: 'result' }))
    case 'POST replay':
      return started(await replayExecution(ctx, { ...(await readJson(request, ReplayOneRequest, MAX_BODY_BYTES)), id }))
    default:
      throw notFound('route')
  }
}

function answerPayload({ type, sizeBytes, body }: Awaited<ReturnType<typeof openPayload>>): Response {
  const headers = { 'Content-Type': TYPES[type], 'Content-Length': String(sizeBytes) }
  return new Response(Readable.toWeb(body) as ReadableStream, { headers })
}
