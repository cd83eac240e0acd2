import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { visibleFlows } from '@/lib/event-flows/access'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { ContentType, ExecutionSource, ExecutionStatus, Settlement } from '@/lib/generated/prisma/enums'
import { visibleInside } from './inside'
import { EXECUTIONS_PER_PAGE, type ExecutionListView } from './schema'

const LIST_PREVIEW_CHARS = 160

/** A row of a list of executions; plain values. */
export type ExecutionRow = {
  id: string
  status: ExecutionStatus
  messageId: string | null
  /** 1 for the first delivery; null for a call that no message made. */
  deliveryCount: number | null
  semanticVersion: string | null
  commitSha: string
  startedAt: Date
  durationMs: number | null
  settlement: Settlement | null
  /** The start of the result, or of the error's message. */
  preview: string
  hasError: boolean
}

export type ExecutionPage = {
  executions: ExecutionRow[]
  /** The cursor of the next page; null on the last one. */
  next: string | null
}

/** An attempt at the same message. */
export type Attempt = Omit<ExecutionRow, 'preview' | 'hasError'>

export type ExecutionDetail = {
  id: string
  source: ExecutionSource
  status: ExecutionStatus
  algorithm: { owner: string; name: string }
  semanticVersion: string | null
  commitSha: string
  callerName: string
  flow: { id: string; queueName: string; namespaceHost: string } | null
  messageId: string | null
  sequenceNumber: string | null
  deliveryCount: number | null
  /** Whether this is the execution whose result counts for the message. */
  isWinning: boolean
  enqueuedAt: Date | null
  receivedAt: Date | null
  startedAt: Date
  finishedAt: Date | null
  settledAt: Date | null
  durationMs: number | null
  settlement: Settlement | null
  deadLetterReason: string | null
  input: { type: ContentType | null; preview: string; bytes: number }
  result: { type: ContentType; preview: string; bytes: number } | null
  error: { type: string; message: string; stack: string | null } | null
  /** Null for a caller who is not the algorithm's owner. */
  log: { stdout: string; stderr: string; isTruncated: boolean } | null
  /** All attempts at the same message, this one too, the first one first. Empty for a call that no message made. */
  attempts: Attempt[]
}

const VERSION = { select: { major: true, minor: true, revision: true } } as const

const ROW = {
  id: true,
  status: true,
  messageId: true,
  deliveryCount: true,
  commitSha: true,
  startedAt: true,
  durationMs: true,
  settlement: true,
  resultPreview: true,
  errorMessage: true,
  version: VERSION,
} satisfies Prisma.ExecutionSelect

/** A flow's executions, newest first. Throws `not_found` for another account's flow. */
export async function listForFlow(
  ctx: Context,
  { flowId, status, after }: ExecutionListView & { flowId: string },
): Promise<ExecutionPage> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: { id: true },
  })
  if (!flow) throw notFound('event flow')
  const found = await db().execution.findMany({
    where: { flowId, ...(status && { status }) },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    ...(after && { cursor: { id: after }, skip: 1 }),
    take: EXECUTIONS_PER_PAGE + 1,
    select: ROW,
  })
  const executions = found.slice(0, EXECUTIONS_PER_PAGE).map(rowOf)
  return { executions, next: found.length > EXECUTIONS_PER_PAGE ? (executions.at(-1)?.id ?? null) : null }
}

/** One execution with its log and the other attempts at its message. Throws `not_found` for another account's. */
export async function getExecution(ctx: Context, { id }: { id: string }): Promise<ExecutionDetail> {
  const execution = await db().execution.findFirst({
    where: { AND: [await visibleExecutions(ctx), { id }] },
    include: {
      version: VERSION,
      caller: { select: { name: true } },
      algorithm: { select: { id: true, ownerId: true, name: true, owner: { select: { name: true } } } },
      flow: { select: { id: true, queueName: true, namespaceHost: true } },
      log: { select: { stdout: true, stderr: true, isTruncated: true } },
    },
  })
  if (!execution) throw notFound('execution')
  const inside = await visibleInside(ctx, execution.algorithm)
  const { flowId, sequenceNumber, enqueuedAt, resultType, errorType, errorMessage } = execution
  return {
    id,
    source: execution.source,
    status: execution.status,
    algorithm: { owner: execution.algorithm.owner.name, name: execution.algorithm.name },
    semanticVersion: semanticVersionOf(execution.version),
    commitSha: execution.commitSha,
    callerName: execution.caller.name,
    flow: execution.flow,
    messageId: execution.messageId,
    sequenceNumber: sequenceNumber === null ? null : String(sequenceNumber),
    deliveryCount: execution.deliveryCount,
    isWinning: execution.winningSequenceNumber !== null,
    enqueuedAt,
    receivedAt: execution.receivedAt,
    startedAt: execution.startedAt,
    finishedAt: execution.finishedAt,
    settledAt: execution.settledAt,
    durationMs: execution.durationMs,
    settlement: execution.settlement,
    deadLetterReason: execution.deadLetterReason,
    input: { type: execution.inputType, preview: execution.inputPreview, bytes: execution.inputBytes },
    result: resultType && { type: resultType, preview: execution.resultPreview, bytes: execution.resultBytes },
    error:
      errorMessage === null
        ? null
        : { type: errorType ?? 'Error', message: errorMessage, stack: inside.stackTrace ? execution.errorStack : null },
    log: inside.streams ? (execution.log ?? { stdout: '', stderr: '', isTruncated: false }) : null,
    attempts: flowId && sequenceNumber !== null ? await attemptsAt({ flowId, sequenceNumber, enqueuedAt }) : [],
  }
}

/** What the actor may see: what it called itself, and what flows of its algorithms ran. All for administrators. */
async function visibleExecutions(ctx: Context): Promise<Prisma.ExecutionWhereInput> {
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return {}
  return { OR: [{ callerId: { in: await ownedAccountIds(ctx) } }, { flow: await visibleFlows(ctx) }] }
}

/** The number and the time of enqueueing together name a message: no redelivery changes them. */
async function attemptsAt(message: { flowId: string; sequenceNumber: bigint; enqueuedAt: Date | null }) {
  const found = await db().execution.findMany({
    where: message,
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
    select: ROW,
  })
  return found.map(rowOf)
}

function rowOf(execution: Prisma.ExecutionGetPayload<{ select: typeof ROW }>): ExecutionRow {
  const { version, resultPreview, errorMessage, ...row } = execution
  return {
    ...row,
    semanticVersion: semanticVersionOf(version),
    hasError: errorMessage !== null,
    preview: (errorMessage ?? resultPreview).slice(0, LIST_PREVIEW_CHARS),
  }
}

function semanticVersionOf(version: { major: number; minor: number; revision: number } | null): string | null {
  return version && `${version.major}.${version.minor}.${version.revision}`
}
