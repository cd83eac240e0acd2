import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { decodeBody } from '@/lib/engine/body'
import type { MessageProperty } from '@/lib/engine/broker/port'
import { storableJson } from '@/lib/engine/ledger-rows'
import { callContext, jsonProperties } from '@/lib/engine/message-context'
import { AppError } from '@/lib/errors'
import { resolveVersion } from '@/lib/executions/commands/replay-execution'
import { type RunAgain, runAgain } from '@/lib/executions/commands/run-again'
import { storable } from '@/lib/executions/record'
import { findToolFlow } from '../access'
import type { BrowsedMessage } from '../broker/port'
import { peekOne } from '../browse-messages'
import { DryRun } from '../schema'
import { withQueue } from '../with-queue'

/**
 * Runs a message that lies on a queue without taking it: nothing is settled, no result wins, nothing is written to an
 * output collection. A blank version means what the flow runs. Resolves when the run has begun.
 */
export async function dryRunMessage(ctx: Context, input: DryRun): Promise<{ executionId: string }> {
  const { flowId, place, sequenceNumber, version } = DryRun.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  const wanted = { callerId: flow.ownerId, algorithmId: flow.algorithmId }
  const resolved = await resolveVersion(wanted, version || flow.versionSelector)
  const message = await withQueue(flow.address, (tools) => peekOne(tools, { place, sequenceNumber }))
  const body = decodeBody(message)
  if (!body.ok) throw new AppError('invalid_input', `The body can not become an input. ${body.problem}`)
  const { executionId } = await runAgain({
    source: 'dry_run',
    resolved,
    input: body.payload,
    timeoutMs: flow.timeoutMs,
    callerId: flow.ownerId,
    flowId: flow.id,
    ...factsOf(message),
  })
  await db().$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'queue.dry-run',
      targetKind: 'event-flow',
      targetName: flow.address.queueName,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost, place, sequenceNumber, executionId },
    }),
  )
  return { executionId }
}

/** A dead letter may have another number than its deliveries had: the run stands beside them by the first one. */
function factsOf(browsed: BrowsedMessage): Pick<RunAgain, 'message' | 'context'> {
  const { messageId, contentType, sessionId, correlationId, enqueuedAt, applicationProperties } = browsed
  const sequenceNumber = browsed.enqueuedSequenceNumber ?? browsed.sequenceNumber
  const properties = applicationProperties as Record<string, MessageProperty>
  const message = { ...browsed, sequenceNumber, properties }
  const orNull = (text: string | null) => (text === null ? null : storable(text))
  return {
    context: callContext({ message, attempt: browsed.deliveryCount + 1 }),
    message: {
      messageId: orNull(messageId),
      sequenceNumber,
      enqueuedAt,
      sessionId: orNull(sessionId),
      correlationId: orNull(correlationId),
      messageContentType: orNull(contentType),
      applicationProperties: storableJson(jsonProperties(properties)),
    },
  }
}
