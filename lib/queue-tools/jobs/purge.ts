import type { QueueTools } from '../broker/port'
import { collectTargets } from './collect-targets'
import { type ClaimedJob, keepJob, noteProgress } from './lease'
import type { JobEnd } from './resubmit'
import type { JobRequest } from './schema'
import { takeWanted } from './take-wanted'

type PurgeRequest = Extract<JobRequest, { kind: 'purge' }>

/** Removes messages for good: those that were there when it began, none that came later. */
export async function runPurge(
  job: ClaimedJob,
  request: PurgeRequest,
  tools: QueueTools,
  stopping: AbortSignal,
): Promise<JobEnd> {
  const { place } = request
  const targets = await collectTargets(tools, place, request)
  if (job.total === null) {
    const upTo = request.upTo ?? String(targets.last ?? 0n)
    await noteProgress(job, { total: targets.all.numbers.size, request: { ...request, upTo } })
  }
  for await (const batch of takeWanted(tools, place, targets)) {
    if (stopping.aborted || !(await keepJob(job))) {
      await Promise.allSettled(batch.map((message) => message.abandon()))
      return 'stopped'
    }
    const answers = await Promise.allSettled(batch.map((message) => message.complete()))
    const done = answers.filter(({ status }) => status === 'fulfilled').length
    await noteProgress(job, { doneCount: { increment: done } })
  }
  return 'done'
}
