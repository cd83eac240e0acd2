import { randomUUID } from 'node:crypto'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { sendMessage } from '@/lib/engine/broker/send'
import { editableFlows, refuseFlow } from '../access'
import { SendTestMessage } from '../schema'

/**
 * Sends one message to a flow's queue with the flow's own connection string, as any publisher would.
 * Throws `invalid_input` with a sentence when the key lacks the Send right, `unavailable` when the broker is away.
 */
export async function sendTestMessage(ctx: Context, input: SendTestMessage): Promise<{ messageId: string }> {
  const where = await editableFlows(ctx)
  const { id, body, contentType } = SendTestMessage.parse(input)
  const flow = await db().eventFlow.findFirst({
    where: { ...where, id },
    select: { ownerId: true, queueName: true, namespaceHost: true, connectionString: true },
  })
  if (!flow) throw await refuseFlow(ctx, id)

  const messageId = randomUUID()
  const connectionString = decrypt(flow.connectionString)
  await sendMessage({ connectionString, queueName: flow.queueName, messageId, contentType, body })
  await db().$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'event-flow.send-message',
      targetKind: 'event-flow',
      targetName: flow.queueName,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost, messageId, contentType },
    }),
  )
  return { messageId }
}
