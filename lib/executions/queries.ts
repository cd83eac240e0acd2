import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import type {
  ContentType,
  ExecutionSource,
  ExecutionStatus,
  PayloadPart,
  Settlement,
} from '@/lib/generated/prisma/enums'
import { visibleExecutions } from './access'
import { replayableExecutions } from './commands/replay-execution'
import { visibleInside } from './inside'
import type { ExecutionRow } from './list'
import { isWhole } from './payloads'
import { type Settled, withSettlements } from './settlements'

/** An attempt at the same message. */
export type Attempt = Omit<ExecutionRow, 'preview' | 'hasError' | 'messageId'>

/** `whole` says whether the preview is all of it, all of it can be downloaded, or only the beginning was kept. */
export type PayloadView = { preview: string; bytes: number; whole: 'shown' | 'kept' | 'lost' }

export type ExecutionDetail = {
  id: string
  source: ExecutionSource
  status: ExecutionStatus
  algorithm: { id: string; owner: string; name: string }
  semanticVersion: string | null
  commitSha: string
  callerName: string
  flow: { id: string; queueName: string; namespaceHost: string } | null
  /** The execution whose input this one ran again. */
  replayOfId: string | null
  /** On what the actor may run its input again, the newest first; null when it may not. */
  replayVersions: string[] | null
  messageId: string | null
  sequenceNumber: string | null
  deliveryCount: number | null
  /** Whether this is the execution whose result counts for the message. */
  isWinning: boolean
  enqueuedAt: Date | null
  receivedAt: Date | null
  startedAt: Date
  finishedAt: Date | null
  recordedAt: Date | null
  settledAt: Date | null
  durationMs: number | null
  settlement: Settlement | null
  deadLetterReason: string | null
  /** What the sender gave the message besides its body; empty for a call that no message made. */
  properties: {
    session: string | null
    correlation: string | null
    contentType: string | null
    own: [string, string][]
  }
  /** `data://…` that the result was written to. */
  outputPath: string | null
  input: PayloadView & { type: ContentType | null }
  result: (PayloadView & { type: ContentType }) | null
  error: { type: string; message: string; stack: string | null } | null
  /** Null for a caller who is not the algorithm's owner. */
  log: { stdout: string; stderr: string; isTruncated: boolean } | null
  /** All attempts at the same message, this one too, the first one first. Empty for a call that no message made. */
  attempts: Attempt[]
}

const VERSIONS_SHOWN = 100

const VERSION = { select: { major: true, minor: true, revision: true } } as const

const ATTEMPT = {
  id: true,
  source: true,
  status: true,
  deliveryCount: true,
  commitSha: true,
  startedAt: true,
  durationMs: true,
  version: VERSION,
} satisfies Prisma.ExecutionSelect

/** One execution with its log and the other attempts at its message. Throws `not_found` for another account's. */
export async function getExecution(ctx: Context, { id }: { id: string }): Promise<ExecutionDetail> {
  const found = await db().execution.findFirst({
    where: { AND: [await visibleExecutions(ctx), { id }] },
    include: {
      version: VERSION,
      caller: { select: { name: true } },
      algorithm: { select: { id: true, ownerId: true, name: true, owner: { select: { name: true } } } },
      flow: { select: { id: true, queueName: true, namespaceHost: true } },
      payloads: { select: { part: true } },
      log: { select: { stdout: true, stderr: true, isTruncated: true } },
    },
  })
  const [execution] = await withSettlements(db(), found ? [found] : [])
  if (!execution) throw notFound('execution')
  const inside = await visibleInside(ctx, execution.algorithm)
  const { flowId, sequenceNumber, enqueuedAt, resultType, errorType, errorMessage } = execution
  return {
    id,
    source: execution.source,
    status: execution.status,
    algorithm: {
      id: execution.algorithm.id,
      owner: execution.algorithm.owner.name,
      name: execution.algorithm.name,
    },
    semanticVersion: semanticVersionOf(execution.version),
    commitSha: execution.commitSha,
    callerName: execution.caller.name,
    flow: execution.flow,
    replayOfId: execution.replayOfId,
    replayVersions: await replayVersions(ctx, execution),
    messageId: execution.messageId,
    sequenceNumber: sequenceNumber === null ? null : String(sequenceNumber),
    deliveryCount: execution.deliveryCount,
    isWinning: execution.winningSequenceNumber !== null,
    enqueuedAt,
    receivedAt: execution.receivedAt,
    startedAt: execution.startedAt,
    finishedAt: execution.finishedAt,
    recordedAt: execution.recordedAt,
    settledAt: execution.settledAt,
    durationMs: execution.durationMs,
    settlement: execution.settlement,
    deadLetterReason: execution.deadLetterReason,
    properties: {
      session: execution.sessionId,
      correlation: execution.correlationId,
      contentType: execution.messageContentType,
      own: Object.entries(execution.applicationProperties ?? {}).map(([name, value]) => [name, String(value)]),
    },
    outputPath: execution.outputPath,
    input: {
      type: execution.inputType,
      ...payloadView(execution, 'input', execution.inputType, execution.inputPreview, execution.inputBytes),
    },
    result: resultType && {
      type: resultType,
      ...payloadView(execution, 'result', resultType, execution.resultPreview, execution.resultBytes),
    },
    error:
      errorMessage === null
        ? null
        : { type: errorType ?? 'Error', message: errorMessage, stack: inside.stackTrace ? execution.errorStack : null },
    log: inside.streams ? (execution.log ?? { stdout: '', stderr: '', isTruncated: false }) : null,
    attempts: flowId && sequenceNumber !== null ? await attemptsAt({ flowId, sequenceNumber, enqueuedAt }) : [],
  }
}

async function replayVersions(
  ctx: Context,
  { id, algorithm }: { id: string; algorithm: { id: string; ownerId: string } },
) {
  if (ctx.actor.kind !== 'user') return null
  const isReplayable = { AND: [await replayableExecutions(ctx), { id }] }
  if ((await db().execution.count({ where: isReplayable })) === 0) return null
  const isOwn = (await ownedAccountIds(ctx)).includes(algorithm.ownerId)
  const versions = await db().version.findMany({
    where: { algorithmId: algorithm.id, ...(!isOwn && { callability: 'public' }) },
    orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
    take: VERSIONS_SHOWN,
    select: VERSION.select,
  })
  return versions.map((version) => `${version.major}.${version.minor}.${version.revision}`)
}

function payloadView(
  { payloads }: { payloads: { part: PayloadPart }[] },
  part: PayloadPart,
  type: ContentType | null,
  preview: string,
  bytes: number,
): PayloadView {
  const isKept = payloads.some((payload) => payload.part === part)
  return { preview, bytes, whole: isKept ? 'kept' : isWhole(type, preview, bytes) ? 'shown' : 'lost' }
}

/** The number and the time of enqueueing together name a message: no redelivery changes them. */
async function attemptsAt(message: { flowId: string; sequenceNumber: bigint; enqueuedAt: Date | null }) {
  const found = await db().execution.findMany({
    where: message,
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
    select: ATTEMPT,
  })
  return (await withSettlements(db(), found)).map(attemptOf)
}

function attemptOf({
  version,
  settledAt: _,
  ...row
}: Prisma.ExecutionGetPayload<{ select: typeof ATTEMPT }> & Settled): Attempt {
  return { ...row, semanticVersion: semanticVersionOf(version) }
}

function semanticVersionOf(version: { major: number; minor: number; revision: number } | null): string | null {
  return version && `${version.major}.${version.minor}.${version.revision}`
}
