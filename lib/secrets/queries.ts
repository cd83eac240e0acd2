import { findEditableAlgorithm } from '@/lib/algorithms/access'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { db } from '@/lib/db'

export type SecretView = Awaited<ReturnType<typeof listSecrets>>[number]

/** What may be shown of an algorithm's secrets: everything but their values. */
export async function listSecrets(ctx: Context, path: AlgorithmPath) {
  const algorithm = await findEditableAlgorithm(ctx, path)
  return db().secret.findMany({
    where: { algorithmId: algorithm.id },
    select: { id: true, environmentName: true, displayName: true, description: true, updatedAt: true },
    orderBy: { createdAt: 'asc' },
  })
}

/** The environment variables of an algorithm's workers, in clear; for the runtime only, never for a page. */
export async function readSecretValues(algorithmId: string): Promise<Record<string, string>> {
  const secrets = await db().secret.findMany({
    where: { algorithmId },
    select: { environmentName: true, ciphertext: true },
  })
  return Object.fromEntries(secrets.map((secret) => [secret.environmentName, decrypt(secret.ciphertext)]))
}
