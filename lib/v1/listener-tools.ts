import { z } from 'zod'
import { notFound } from '@/lib/errors'
import { editableFlows } from '@/lib/event-flows/access'
import { readBacklog } from '@/lib/queue-tools/backlog'
import { browseMessages, getMessage } from '@/lib/queue-tools/browse-messages'
import { cancelJob, pauseJob, resumeJob } from '@/lib/queue-tools/commands/control-job'
import { dryRunMessage } from '@/lib/queue-tools/commands/dry-run'
import { resubmitEdited } from '@/lib/queue-tools/commands/resubmit-edited'
import { startPurge, startResubmit } from '@/lib/queue-tools/commands/start-job'
import { getJob, listJobs } from '@/lib/queue-tools/jobs/queries'
import { BrowseMessages, MessageRef } from '@/lib/queue-tools/schema'
import { checked, queryOf, readJson } from './json-request'
import { type ListenerRequest, started, startedJob } from './listener-answers'
import { handleListenerExecutions } from './listener-executions'
import { DryRunRequest, PurgeRequest, ResubmitOneRequest, ResubmitRequest } from './listener-requests'

const MAX_BODY_BYTES = 64 * 1024
/** A body that is edited goes with the request. */
const MAX_EDITED_BYTES = 2 * 1024 * 1024

const PLACES = { messages: 'queue', 'dead-letters': 'dead_letter' } as const
const JOB_COMMANDS = { pause: pauseJob, resume: resumeJob, cancel: cancelJob } as const

/** Serves backlog, messages, dead letters, jobs and executions of an event flow, for a key that may manage. */
export async function handleListenerTools(asked: ListenerRequest, path: string[]): Promise<Response> {
  await editableFlows(asked.ctx)
  const [noun = '', ...rest] = path
  if (noun === 'messages' || noun === 'dead-letters') return serveMessages(asked, PLACES[noun], rest)
  if (noun === 'jobs') return serveJobs(asked, rest)
  if (noun === 'executions') return handleListenerExecutions(asked, rest)
  if (noun === 'backlog' && rest.length === 0 && asked.request.method === 'GET') {
    return Response.json(await readBacklog(asked.ctx, { flowId: asked.flowId }))
  }
  throw notFound('route')
}

type Place = (typeof PLACES)[keyof typeof PLACES]

async function serveMessages(asked: ListenerRequest, place: Place, path: string[]): Promise<Response> {
  const { ctx, request, url, flowId } = asked
  const [first, verb, ...more] = path
  const isNumber = first !== undefined && /^\d+$/.test(first)
  const route = [request.method, isNumber ? 'NUMBER' : first, verb, ...more].filter(Boolean).join(' ')
  switch (route) {
    case 'GET':
      return Response.json(await browseMessages(ctx, checked(BrowseMessages, { ...queryOf(url), flowId, place })))
    case 'GET NUMBER':
      return Response.json(await getMessage(ctx, messageRef(flowId, place, first)))
    case 'POST NUMBER dry-run': {
      const { version } = await readJson(request, DryRunRequest, MAX_BODY_BYTES)
      return started(await dryRunMessage(ctx, { ...messageRef(flowId, place, first), version }))
    }
    case 'POST purge': {
      const wanted = await readJson(request, PurgeRequest, MAX_BODY_BYTES)
      return startedJob(asked, await startPurge(ctx, { ...wanted, flowId, place }))
    }
    default:
      if (place === 'dead_letter') return serveResubmit(asked, route, first ?? '')
      throw notFound('route')
  }
}

async function serveResubmit(asked: ListenerRequest, route: string, number: string): Promise<Response> {
  const { ctx, request, flowId } = asked
  if (route === 'POST resubmit') {
    const wanted = await readJson(request, ResubmitRequest, MAX_BODY_BYTES)
    return startedJob(asked, await startResubmit(ctx, { ...wanted, flowId }))
  }
  if (route !== 'POST NUMBER resubmit') throw notFound('route')
  const { sequenceNumber } = messageRef(flowId, 'dead_letter', number)
  const { applicationProperties: own, ...edited } = await readJson(request, ResubmitOneRequest, MAX_EDITED_BYTES)
  const changed = { ...edited, ...(own && { applicationProperties: JSON.stringify(own) }) }
  return Response.json(await resubmitEdited(ctx, { ...changed, flowId, sequenceNumber }))
}

async function serveJobs(asked: ListenerRequest, path: string[]): Promise<Response> {
  const { ctx, request, flowId } = asked
  const [id, verb, ...more] = path
  const isGet = request.method === 'GET'
  if (id === undefined && isGet) return Response.json(await listJobs(ctx, { flowId }))
  if (id === undefined || more.length > 0) throw notFound('route')
  if (!z.uuid().safeParse(id).success) throw notFound('job', id)
  // Also for a verb: a job of another flow is not here.
  const job = await getJob(ctx, { flowId, jobId: id })
  if (verb === undefined && isGet) return Response.json(job)
  const command = verb !== undefined && Object.hasOwn(JOB_COMMANDS, verb) && JOB_COMMANDS[verb as 'pause']
  if (!command || request.method !== 'POST') throw notFound('route')
  await command(ctx, { id })
  return Response.json(await getJob(ctx, { flowId, jobId: id }))
}

function messageRef(flowId: string, place: Place, sequenceNumber: string | undefined): MessageRef {
  return checked(MessageRef, { flowId, place, sequenceNumber })
}
