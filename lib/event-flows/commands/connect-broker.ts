import { recordAudit } from '@/lib/audit/commands'
import { accountOf, type Context } from '@/lib/context'
import { encrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { testConnection } from '@/lib/engine/broker/probe'
import { announceFlow } from '../announce'
import { asSecondFlow, findBinding, namespaceOf, refuseSecondFlow } from '../binding'
import { ConnectBroker } from '../schema'

/**
 * Connects a queue to an algorithm, after the connection has proved to work; the engine then starts to receive.
 * The connecting account becomes the flow's owner, and the caller of every execution.
 * Throws with `fields` at queueName, connectionString or algorithm; `conflict` when they are connected already.
 */
export async function connectBroker(ctx: Context, input: ConnectBroker): Promise<{ id: string }> {
  const ownerId = accountOf(ctx)
  const { queueName, connectionString, algorithm, timeoutSeconds } = ConnectBroker.parse(input)
  const { algorithmId, algorithmName, versionSelector } = await findBinding(ctx, ownerId, algorithm)
  const namespaceHost = namespaceOf(connectionString)
  const binding = { algorithmId, algorithmName, namespaceHost, queueName }
  await refuseSecondFlow(binding)
  await testConnection({ connectionString, queueName })

  const flow = await db()
    .$transaction(async (tx) => {
      const created = await tx.eventFlow.create({
        data: {
          ownerId,
          algorithmId,
          versionSelector,
          queueName,
          namespaceHost,
          connectionString: encrypt(connectionString),
          timeoutSeconds,
        },
        select: { id: true },
      })
      await recordAudit(tx, ctx, {
        action: 'event-flow.connect',
        targetKind: 'event-flow',
        targetName: `${queueName} → ${algorithmName}`,
        accountId: ownerId,
        details: { namespaceHost, versionSelector, timeoutSeconds },
      })
      return created
    })
    .catch((error: unknown) => {
      throw asSecondFlow(error, binding)
    })

  await announceFlow({ id: flow.id, algorithmId, ownerId })
  return flow
}
