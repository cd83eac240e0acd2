import type { Context } from '@/lib/context'
import type { Transaction } from '@/lib/db'

/** What was done to what. `action` is verb and noun in one word each, for example `create-algorithm`. */
export type AuditEntry = {
  action: string
  targetKind: string
  targetName: string
  /** The account whose thing it is; absent for what belongs to nobody. */
  accountId?: string
  /** Facts that help to understand the write; never a secret. */
  details?: Record<string, string | number | boolean | null>
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
