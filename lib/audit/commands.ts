import type { Context } from '@/lib/context'
import type { Transaction } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'

/** One write, to what. */
export type AuditEntry = {
  /** `noun.verb`, say `algorithm.create`. */
  action: string
  targetKind: string
  targetName: string
  /** The account whose thing it is; null or absent for what belongs to nobody. */
  accountId?: string | null
  /** Facts that help to understand the write; never a secret. */
  details?: Prisma.InputJsonObject
}

/** Writes down one write, in the transaction that does it: either both are kept or neither. */
export async function recordAudit(tx: Transaction, ctx: Context, entry: AuditEntry): Promise<void> {
  await tx.auditEvent.create({
    data: {
      actorKind: ctx.actor.kind,
      actorName: ctx.actor.name,
      accountId: entry.accountId,
      action: entry.action,
      targetKind: entry.targetKind,
      targetName: entry.targetName,
      details: entry.details ?? {},
    },
    select: { id: true },
  })
}
