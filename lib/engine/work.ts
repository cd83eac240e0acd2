import { Ending, sleepUnlessAborted } from '@/lib/abortable'
import { newExecutionId } from '@/lib/executions/id'
import { type Trace, traceDelivery } from '@/lib/telemetry/tracing'
import { type DecodedBody, decodeBody } from './body'
import type { Delivery } from './broker/port'
import type { Decision } from './decide'
import { type HeldLock, keepLock } from './keep-lock'
import type { MessageKey } from './recorder'
import type { FlowSpec } from './target'

/** Why a run is ended from outside: nobody wants its result any more. */
export type KillReason = 'lock_lost' | 'held_too_long' | 'stopping'

/** `recording` goes on until it is settled, unless it comes to be `held` for its back-off before. */
export type Stage = 'running' | 'recording' | 'held'

/** One delivery from receipt to settlement. */
export type Work = {
  readonly delivery: Delivery
  /** The how-manieth delivery of its link. */
  readonly ordinal: number
  readonly executionId: string
  readonly key: MessageKey
  readonly body: DecodedBody
  readonly receivedAt: Date
  /** As far as its link knows, the message has never come before. */
  readonly mayBeNew: boolean
  /** Null unless tracing is on. */
  readonly trace: Trace | null
  readonly lock: HeldLock
  /** Ends the work when the flow's limit is over; undefined without a limit. */
  readonly limit: NodeJS.Timeout | undefined
  /** Ends the run, never the settlement; its reason is a KillReason. */
  readonly kill: Ending
  /** Ends the back-off, and the waiting for what is missing. */
  readonly release: Ending
  stage: Stage
  /** In which stage it is counted as one that takes no slot any more; null while it has one. */
  letGoIn: 'recording' | 'held' | null
}

/** What is to be done with the message, and the execution whose row is to say so. */
export type Verdict = { decision: Decision; executionId: string | null }

type WorkFlow = Pick<FlowSpec, 'id' | 'queueName' | 'namespaceHost' | 'lockRenewalLimitMs'>

/** Takes a delivery in hand: from now on its lock is kept. */
export function beginWork(delivery: Delivery, flow: WorkFlow, ordinal: number, mayBeNew: boolean): Work {
  const { sequenceNumber, enqueuedAt } = delivery.message
  const kill = new Ending()
  const release = new Ending()
  const limitMs = flow.lockRenewalLimitMs
  return {
    delivery,
    ordinal,
    executionId: newExecutionId(),
    key: { flowId: flow.id, sequenceNumber, enqueuedAt },
    body: decodeBody(delivery.message),
    receivedAt: new Date(),
    mayBeNew,
    trace: traceDelivery({
      ...delivery.message,
      attempt: delivery.attempt,
      queueName: flow.queueName,
      host: flow.namespaceHost,
    }),
    lock: keepLock(delivery, () => killWork({ kill, release }, 'lock_lost')),
    limit: limitMs === null ? undefined : setTimeout(() => killWork({ kill, release }, 'held_too_long'), limitMs),
    kill,
    release,
    stage: 'running',
    letGoIn: null,
  }
}

/** Ends the run and the back-off; the first reason counts. */
export function killWork({ kill, release }: Pick<Work, 'kill' | 'release'>, reason: KillReason): void {
  kill.abort(reason)
  release.abort()
}

/**
 * Waits for something that is missing, with the message in hand. Where nothing is held any more, the work ends instead:
 * a flow that is paused or drained would else wait for what may never come.
 */
export async function waitInHand(work: Work, waitMs: number): Promise<void> {
  await sleepUnlessAborted(waitMs, work.release)
  if (work.release.aborted) killWork(work, 'stopping')
}

/** Why the work was killed, or null while it is wanted. */
export function killReasonOf({ kill }: Work): KillReason | null {
  return kill.aborted ? (kill.reason as KillReason) : null
}

export function isSameMessage(one: MessageKey, other: MessageKey): boolean {
  return one.sequenceNumber === other.sequenceNumber && one.enqueuedAt.getTime() === other.enqueuedAt.getTime()
}

/** What each log line about a delivery says of it. */
export function logFieldsOf({ delivery, executionId, key }: Work): Record<string, string | number | null> {
  const { flowId, sequenceNumber } = key
  const { messageId } = delivery.message
  return { flowId, messageId, sequenceNumber: String(sequenceNumber), executionId, attempt: delivery.attempt }
}
