import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { faultError } from '@/lib/engine/broker/explain-fault'
import { readFault } from '@/lib/engine/broker/fault'
import { placeOf } from '@/lib/engine/broker/probe'
import { AppError, notFound } from '@/lib/errors'
import { visibleFlows } from '@/lib/event-flows/access'
import type { QueueAddress, QueuePlace, QueueTools } from './broker/port'
import { openQueueTools } from './broker/service-bus'

/** However many people look at a flow, a process asks its broker no more often than this. */
const FRESH_MS = 5_000
const KEPT_FLOWS = 1_000

/** How much lies on a queue and on its dead-letter queue, and how old the oldest of it is. Plain values. */
export type Backlog = {
  /** Null without the Manage right: then nobody is told how many there are. */
  counts: { active: number; deadLetter: number; scheduled: number } | null
  /** ISO 8601; null when there is none. */
  oldestActiveAt: string | null
  oldestDeadLetterAt: string | null
  readAt: string
}

/** `problem` is a sentence for people when the broker does not answer. */
export type BacklogAnswer = { problem: null; backlog: Backlog } | { problem: string; backlog: null }

type Remembered = { at: number; answer: Promise<BacklogAnswer> }

// Next bundles this module more than once; all share one memory.
const shared = globalThis as unknown as { headraceBacklogs?: Map<string, Remembered> }

/** Asks the broker itself, wherever the engine runs; what was asked a moment ago is answered from memory. */
export async function readBacklog(ctx: Context, { flowId }: { flowId: string }): Promise<BacklogAnswer> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: { queueName: true, connectionString: true, revision: true },
  })
  if (!flow) throw notFound('event flow')
  const key = `${flowId} ${flow.revision}`
  shared.headraceBacklogs ??= new Map()
  const remembered = shared.headraceBacklogs.get(key)
  if (remembered && Date.now() - remembered.at < FRESH_MS) return remembered.answer
  const answer = askBroker(flow)
  remember(shared.headraceBacklogs, key, answer)
  return answer
}

function remember(backlogs: Map<string, Remembered>, key: string, answer: Promise<BacklogAnswer>): void {
  backlogs.delete(key)
  backlogs.set(key, { at: Date.now(), answer })
  const [oldest] = backlogs.keys()
  if (backlogs.size > KEPT_FLOWS && oldest !== undefined) backlogs.delete(oldest)
}

/** Rejects only for a defect of ours. */
async function askBroker(flow: { queueName: string; connectionString: string }): Promise<BacklogAnswer> {
  let tools: QueueTools | undefined
  try {
    const address: QueueAddress = { queueName: flow.queueName, connectionString: decrypt(flow.connectionString) }
    const place = placeOf(address)
    tools = openQueueTools(address)
    const [counts, oldestActiveAt, oldestDeadLetterAt] = await Promise.all([
      tools.counts(),
      oldestIn(tools, 'queue'),
      oldestIn(tools, 'dead_letter'),
    ]).catch((error: unknown) => {
      throw faultError(readFault(error), place)
    })
    const shown = counts && {
      active: counts.activeCount,
      deadLetter: counts.deadLetterCount,
      scheduled: counts.scheduledCount,
    }
    const backlog = { counts: shown, oldestActiveAt, oldestDeadLetterAt, readAt: new Date().toISOString() }
    return { problem: null, backlog }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { problem: error.message, backlog: null }
  } finally {
    await tools?.close()
  }
}

async function oldestIn(tools: QueueTools, place: QueuePlace): Promise<string | null> {
  const [first] = await tools.peek(place, 0n, 1)
  return first?.enqueuedAt.toISOString() ?? null
}
