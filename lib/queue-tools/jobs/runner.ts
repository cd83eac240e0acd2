import { setTimeout as sleep } from 'node:timers/promises'
import { db } from '@/lib/db'
import { faultError } from '@/lib/engine/broker/explain-fault'
import { BrokerError } from '@/lib/engine/broker/fault'
import { placeOf } from '@/lib/engine/broker/probe'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format'
import { componentLogger } from '@/lib/logger'
import { findJobFlow, type ToolFlow } from '../access'
import type { OpenQueueTools } from '../broker/port'
import { openQueueTools } from '../broker/service-bus'
import { type ClaimedJob, claimJob, endJob, keepJob, LEASE_SECONDS } from './lease'
import { runPurge } from './purge'
import { runReplay } from './replay'
import { type JobEnd, runResubmit } from './resubmit'

const POLL_MS = 1_000
const JOBS_AT_ONCE = 2

const log = componentLogger('queue-jobs')

export type JobRunner = { stop(): Promise<void> }

type RunnerOptions = { pollMs?: number; openTools?: OpenQueueTools }

/**
 * Works on jobs, a few at a time, until it is stopped: then the message in hand is ended, and another process, or this
 * one after its next start, goes on with the rest. Any number of processes may run this.
 */
export function startJobRunner({ pollMs = POLL_MS, openTools = openQueueTools }: RunnerOptions = {}): JobRunner {
  const stopping = new AbortController()
  const workOn = async () => {
    while (!stopping.signal.aborted) {
      const hasWorked = await workOnce(openTools, stopping.signal).catch((error: unknown) => {
        log.error({ err: error }, 'jobs could not be looked at')
        return false
      })
      if (!hasWorked) await sleep(pollMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    }
  }
  const running = Promise.all(Array.from({ length: JOBS_AT_ONCE }, workOn))
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** False when there was nothing to do. */
async function workOnce(openTools: OpenQueueTools, stopping: AbortSignal): Promise<boolean> {
  const job = await claimJob()
  if (!job) return false
  log.info({ jobId: job.id, kind: job.request.kind }, 'a job begins')
  // A long run must not lose the lease in between.
  const beat = setInterval(() => void keepJob(job).catch(() => {}), (LEASE_SECONDS * 1_000) / 4)
  try {
    await endJob(job, await outcomeOf(job, openTools, stopping))
  } finally {
    clearInterval(beat)
  }
  log.info({ jobId: job.id }, 'a job ends')
  return true
}

async function outcomeOf(
  job: ClaimedJob,
  openTools: OpenQueueTools,
  stopping: AbortSignal,
): Promise<Parameters<typeof endJob>[1]> {
  const flow = await findJobFlow(job.flowId)
  if (!flow) return { state: 'failed', note: 'The event flow was deleted.' }
  try {
    const end = await run(job, flow, openTools, stopping)
    return end === 'done' ? { state: 'finished', note: await noteOnRest(job) } : null
  } catch (error) {
    return explain(flow, error)
  }
}

async function run(job: ClaimedJob, flow: ToolFlow, openTools: OpenQueueTools, stopping: AbortSignal): Promise<JobEnd> {
  const { request } = job
  if (request.kind === 'replay') return runReplay(job, request, flow, stopping)
  const tools = openTools(flow.address)
  try {
    if (request.kind === 'purge') return await runPurge(job, request, tools, stopping)
    return await runResubmit(job, request, tools, stopping)
  } finally {
    await tools.close()
  }
}

/** Messages can be received, locked or moved by others while a job works: then it ends with fewer than it counted. */
async function noteOnRest({ id, request }: ClaimedJob): Promise<string> {
  const counts = await db().queueJob.findUnique({
    where: { id },
    select: { total: true, doneCount: true, failedCount: true },
  })
  const rest = (counts?.total ?? 0) - (counts?.doneCount ?? 0) - (counts?.failedCount ?? 0)
  if (rest <= 0 || request.kind === 'replay') return ''
  return `${formatCount(rest)} could not be taken: gone by then, or locked by a consumer. Look again, and begin another job for what is left.`
}

/** What the broker refuses may pass: the job waits for a person to resume it, with all that was done kept. */
function explain(flow: ToolFlow, error: unknown): { state: 'failed' | 'paused'; note: string } {
  if (error instanceof BrokerError) {
    const { message } = faultError(error.fault, placeOf(flow.address))
    return { state: 'paused', note: `${message} Resume the job when that is mended.` }
  }
  if (error instanceof AppError) return { state: 'failed', note: error.message }
  log.error({ err: error }, 'a job failed')
  return { state: 'paused', note: 'Something went wrong on the server; its log says what. Resume the job to go on.' }
}
