import type { Transaction } from '@/lib/db'
import type { BuildResult } from '@/lib/runtime/port'

/** Keeps what is known of the packages that a build made or found. In the transaction that records the build. */
export async function recordPackageEnvironment(
  tx: Transaction,
  { environmentKey: key, packages }: Extract<BuildResult, { ok: true }>,
): Promise<void> {
  if (!key || !packages) return
  const usedAt = new Date()
  const { sizeBytes, names, ...rest } = packages
  const data = { ...rest, packages: names, sizeBytes: BigInt(sizeBytes), usedAt }
  await tx.packageEnvironment.upsert({ where: { key }, create: { key, ...data }, update: data, select: { key: true } })
}
