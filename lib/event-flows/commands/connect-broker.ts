import { recordAudit } from '@/lib/audit/commands'
import { accountOf, type Context } from '@/lib/context'
import { encrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { testConnection } from '@/lib/engine/broker/probe'
import { announceFlow } from '../announce'
import { asSecondFlow, findBinding, namespaceOf, refuseSecondFlow } from '../binding'
import { optionColumns } from '../options'
import { findOutputPlace } from '../output-place'
import { ConnectBroker } from '../schema'

/**
 * Connects a queue to an algorithm, after the connection has proved to work; the engine then starts to receive.
 * The connecting account becomes the flow's owner, and the caller of every execution.
 * Throws with `fields` at queueName, connectionString, algorithm or an option; `conflict` when they are connected already.
 */
export async function connectBroker(ctx: Context, input: ConnectBroker): Promise<{ id: string }> {
  const ownerId = accountOf(ctx)
  const { queueName, connectionString, algorithm, timeoutSeconds, ...given } = ConnectBroker.parse(input)
  const { algorithmId, algorithmName, versionSelector } = await findBinding(ctx, ownerId, algorithm)
  const namespaceHost = namespaceOf(connectionString)
  const binding = { algorithmId, algorithmName, namespaceHost, queueName }
  await refuseSecondFlow(binding)
  const options = optionColumns({ ...given, outputCollection: await findOutputPlace(ownerId, given.outputCollection) })
  await testConnection({ connectionString, queueName, messageOrder: options.messageOrder })

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
          ...options,
        },
        select: { id: true },
      })
      await recordAudit(tx, ctx, {
        action: 'event-flow.connect',
        targetKind: 'event-flow',
        targetName: `${queueName} → ${algorithmName}`,
        accountId: ownerId,
        details: { namespaceHost, versionSelector, timeoutSeconds, ...options },
      })
      return created
    })
    .catch((error: unknown) => {
      throw asSecondFlow(error, binding)
    })

  await announceFlow({ id: flow.id, algorithmId, ownerId })
  return flow
}
