import { type Context, requireAdmin } from '@/lib/context'
import { type Db, db, type Transaction } from '@/lib/db'
import type { FoundEnvironment } from '@/lib/runtime/port'
import { discoverEnvironments } from './discover'

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
    await keepOneDefault(tx, found[0]?.name)
  })
  return found
}

async function saveEnvironment(tx: Transaction, { name, ...found }: FoundEnvironment): Promise<void> {
  await tx.environment.upsert({
    where: { name },
    create: { name, ...found },
    update: { ...found, isAvailable: true },
    select: { id: true },
  })
}

async function keepOneDefault(tx: Transaction | Db, best: string | undefined): Promise<void> {
  const current = await tx.environment.count({ where: { isDefault: true } })
  if (current > 0 || !best) return
  await tx.environment.update({ where: { name: best }, data: { isDefault: true }, select: { id: true } })
}
