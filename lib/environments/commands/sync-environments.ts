import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import type { FoundEnvironment } from '@/lib/runtime/port'
import { discoverEnvironments } from '../discover'

/**
 * Looks for the machine's language runtimes and brings the table up to date: new ones are added, those that are gone
 * are marked so, and there is a default as long as there is any. Run at each start.
 * @returns what was found, best first
 */
export async function syncEnvironments(
  ctx: Context,
  discover: () => Promise<FoundEnvironment[]> = discoverEnvironments,
): Promise<FoundEnvironment[]> {
  requireAdmin(ctx)
  const found = await discover()
  await db().$transaction(async (tx) => {
    await tx.environment.updateMany({
      where: { name: { notIn: found.map(({ name }) => name) } },
      data: { isAvailable: false, isDefault: false },
    })
    for (const environment of found) await saveEnvironment(tx, environment)
    await keepOneDefault(tx, found)
  })
  return found
}

/** A name that an administrator gave stays. */
async function saveEnvironment(tx: Transaction, { name, displayName, ...found }: FoundEnvironment): Promise<void> {
  await tx.environment.upsert({
    where: { name },
    create: { name, displayName, ...found },
    update: { ...found, isAvailable: true },
    select: { id: true },
  })
}

/** The best of those that are offered; when an administrator offers none of them, the best one. */
async function keepOneDefault(tx: Transaction, found: FoundEnvironment[]): Promise<void> {
  const current = await tx.environment.count({ where: { isDefault: true } })
  if (current > 0) return
  const names = found.map(({ name }) => name)
  const offered = await tx.environment.findMany({
    where: { name: { in: names }, isEnabled: true },
    select: { name: true },
  })
  const best = names.find((name) => offered.some((one) => one.name === name)) ?? names[0]
  if (!best) return
  const data = { isDefault: true, isEnabled: true }
  await tx.environment.update({ where: { name: best }, data, select: { id: true } })
}
