import type { Context } from '@/lib/context'
import type { Transaction } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'

/** One write, to what; never a secret's value. */
export type AuditEntry = {
  /** `noun.verb`, say `algorithm.create`. */
  action: string
  targetKind: string
  targetName: string
  accountId: string | null
  details?: Prisma.InputJsonObject
}

/** Records a write in the transaction that makes it, so that neither is there without the other. */
export async function recordAudit(tx: Transaction, ctx: Context, entry: AuditEntry): Promise<void> {
  await tx.auditEvent.create({
    data: { ...entry, details: entry.details ?? {}, actorKind: ctx.actor.kind, actorName: ctx.actor.name },
    select: { id: true },
  })
}
