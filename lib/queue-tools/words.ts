import type { QueueJobKind, QueueJobState } from '@/lib/generated/prisma/enums'

// What browsers need of the queue tools, apart from the schema, so that no page loads zod for it.

export const MESSAGES_PER_PAGE = 50
/** The word to type before messages are removed for good. */
export const PURGE_WORD = 'purge'

const KIND_LABELS: Record<QueueJobKind, string> = {
  resubmit: 'Resubmit dead letters',
  purge: 'Purge',
  replay: 'Replay executions',
}

const STATE_LABELS: Record<QueueJobState, string> = {
  waiting: 'Waiting',
  running: 'Running',
  paused: 'Paused',
  canceled: 'Canceled',
  finished: 'Finished',
  failed: 'Failed',
}

/** States in which a job still has something to do. */
export const ACTIVE_JOB_STATES = ['waiting', 'running', 'paused'] as const satisfies QueueJobState[]

export function labelOfJobKind(kind: QueueJobKind): string {
  return KIND_LABELS[kind]
}

export function labelOfJobState(state: QueueJobState): string {
  return STATE_LABELS[state]
}

export function isActiveJob(state: QueueJobState): boolean {
  return (ACTIVE_JOB_STATES as readonly QueueJobState[]).includes(state)
}
