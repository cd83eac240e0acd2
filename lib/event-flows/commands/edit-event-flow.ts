import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { decrypt, encrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { testConnection } from '@/lib/engine/broker/probe'
import { AppError } from '@/lib/errors'
import { editableFlows, refuseFlow } from '../access'
import { announceFlow } from '../announce'
import { asSecondFlow, findBinding, namespaceOf, refuseSecondFlow } from '../binding'
import { optionColumns } from '../options'
import { findOutputPlace } from '../output-place'
import { EditEventFlow } from '../schema'

/**
 * Changes what a flow connects; a blank connection string keeps the stored one. The connection is tested again, and
 * the engine takes the change up at once. Throws as `connectBroker`, and `conflict` when somebody else was faster.
 */
export async function editEventFlow(ctx: Context, input: EditEventFlow): Promise<{ id: string }> {
  const where = await editableFlows(ctx)
  const { id, queueName, connectionString, algorithm, timeoutSeconds, ...given } = EditEventFlow.parse(input)
  const flow = await db().eventFlow.findFirst({
    where: { ...where, id },
    select: { ownerId: true, algorithmId: true, revision: true, connectionString: true },
  })
  if (!flow) throw await refuseFlow(ctx, id)

  const { algorithmId, algorithmName, versionSelector } = await findBinding(ctx, flow.ownerId, algorithm)
  const opened = connectionString || decrypt(flow.connectionString)
  const namespaceHost = namespaceOf(opened)
  const binding = { algorithmId, algorithmName, namespaceHost, queueName }
  await refuseSecondFlow(binding, id)
  const outputCollection = await findOutputPlace(flow.ownerId, given.outputCollection)
  const options = optionColumns({ ...given, outputCollection })
  await testConnection({ connectionString: opened, queueName, messageOrder: options.messageOrder })

  await db()
    .$transaction(async (tx) => {
      const { count } = await tx.eventFlow.updateMany({
        where: { ...where, id, revision: flow.revision },
        data: {
          algorithmId,
          versionSelector,
          queueName,
          namespaceHost,
          timeoutSeconds,
          ...options,
          ...(connectionString && { connectionString: encrypt(connectionString) }),
          revision: { increment: 1 },
        },
      })
      if (count === 0) throw changedMeanwhile()
      await recordAudit(tx, ctx, {
        action: 'event-flow.edit',
        targetKind: 'event-flow',
        targetName: `${queueName} → ${algorithmName}`,
        accountId: flow.ownerId,
        details: { namespaceHost, versionSelector, timeoutSeconds, ...options, isKeyReplaced: connectionString !== '' },
      })
    })
    .catch((error: unknown) => {
      throw asSecondFlow(error, binding)
    })

  await announceFlow({ id, algorithmId, ownerId: flow.ownerId })
  return { id }
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', 'Somebody else changed or deleted this event flow meanwhile. Reload and look again.')
}
