import { findEditableAlgorithm } from '@/lib/algorithms/access'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { namespaceHostOf, parseConnectionString } from '@/lib/engine/broker/connection-string'
import { AppError } from '@/lib/errors'
import { Prisma } from '@/lib/generated/prisma/client'
import { resolveForFlow } from '@/lib/versions/resolve'
import { splitAlgorithmEndpoint } from './schema'

/** What a flow connects, found and checked, before anything is written. */
export type Binding = {
  algorithmId: string
  /** `OWNER/NAME`, as its owner writes it. */
  algorithmName: string
  versionSelector: string | null
}

/**
 * Finds the algorithm that the form names, among those that the actor may change. A named version must be there;
 * without one an algorithm that has no version yet is taken, and its flow waits for one.
 * Throws `not_found` with the field `algorithm`.
 */
export async function findBinding(ctx: Context, callerId: string, endpoint: string): Promise<Binding> {
  const path = splitAlgorithmEndpoint(endpoint)
  if (!path) throw atField('invalid_input', 'algorithm', 'An algorithm looks like OWNER/NAME or OWNER/NAME/VERSION.')
  const algorithm = await findEditableAlgorithm(ctx, path).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
    const text = `There is no algorithm ${path.owner}/${path.name} among yours. You can connect only your own.`
    throw atField('not_found', 'algorithm', text)
  })
  const { versionSelector } = path
  if (versionSelector && !(await resolveForFlow(callerId, algorithm.id, versionSelector))) {
    const text = `${algorithm.endpoint} has no version ${versionSelector}. Leave the version out to run the newest published one.`
    throw atField('not_found', 'algorithm', text)
  }
  return { algorithmId: algorithm.id, algorithmName: algorithm.endpoint, versionSelector }
}

/** Host and port of the namespace, lower case. Throws `invalid_input` with the field `connectionString`. */
export function namespaceOf(connectionString: string): string {
  return namespaceHostOf(parseConnectionString(connectionString)).toLowerCase()
}

export type QueueBinding = { algorithmId: string; algorithmName: string; namespaceHost: string; queueName: string }

/** One flow for an algorithm and a queue: two would run every message's code twice as often as anyone meant. */
export async function refuseSecondFlow(binding: QueueBinding, exceptId?: string): Promise<void> {
  const { algorithmId, namespaceHost, queueName } = binding
  const other = await db().eventFlow.findFirst({
    where: {
      algorithmId,
      namespaceHost,
      queueName: { equals: queueName, mode: 'insensitive' },
      ...(exceptId && { id: { not: exceptId } }),
    },
    select: { id: true },
  })
  if (other) throw secondFlow(binding)
}

/** Turns the database's word for it, when two people connect at the same moment, into ours. */
export function asSecondFlow(error: unknown, binding: QueueBinding): unknown {
  const isDuplicate = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
  return isDuplicate ? secondFlow(binding) : error
}

function secondFlow({ algorithmName, namespaceHost, queueName }: QueueBinding): AppError {
  const text = `The queue ${queueName} of ${namespaceHost} is connected to ${algorithmName} already. Edit that event flow instead.`
  return atField('conflict', 'queueName', text)
}

function atField(code: 'invalid_input' | 'not_found' | 'conflict', field: string, text: string): AppError {
  return new AppError(code, text, { fields: { [field]: text } })
}
