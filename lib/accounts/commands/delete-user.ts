import { recordAudit } from '@/lib/audit/commands'
import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { DeleteUser } from '../schema'
import { lockAdministrators } from './lock-administrators'

/**
 * Deletes a user with the account and its API keys. Administrators only; not oneself, not the last administrator,
 * and not while the account owns anything or has called an algorithm: that history would lose its name.
 */
export async function deleteUser(ctx: Context, input: DeleteUser): Promise<void> {
  requireAdmin(ctx)
  const { userId } = DeleteUser.parse(input)
  if (ctx.actor.kind === 'user' && ctx.actor.userId === userId) {
    throw new AppError('conflict', 'You can not delete yourself. Ask another administrator.')
  }
  await db().$transaction(async (tx) => {
    await lockAdministrators(tx)
    const user = await tx.user.findUnique({
      where: { id: userId },
      select: { isAdmin: true, account: { select: { id: true, name: true } } },
    })
    if (!user) throw notFound('user')
    if (user.isAdmin && (await tx.user.count({ where: { isAdmin: true } })) === 1) {
      throw new AppError('conflict', `${user.account.name} is the last administrator. Make another one first.`)
    }
    const belongings = await listBelongings(tx, user.account.id)
    if (belongings) {
      throw new AppError('conflict', `${user.account.name} still has ${belongings}. Delete these first.`)
    }
    await tx.account.delete({ where: { id: user.account.id }, select: { id: true } })
    await recordAudit(tx, ctx, { action: 'user.delete', targetKind: 'user', targetName: user.account.name })
  })
}

/** `2 algorithms and 1 event flow`; empty when the account has nothing. */
async function listBelongings(tx: Transaction, accountId: string): Promise<string> {
  const { _count } = await tx.account.findUniqueOrThrow({
    where: { id: accountId },
    select: { _count: { select: { algorithms: true, collections: true, eventFlows: true, executions: true } } },
  })
  const parts = [
    countOf(_count.algorithms, 'algorithm'),
    countOf(_count.collections, 'collection'),
    countOf(_count.eventFlows, 'event flow'),
    countOf(_count.executions, 'execution'),
  ].filter((part) => part !== null)
  return new Intl.ListFormat('en').format(parts)
}

function countOf(count: number, noun: string): string | null {
  if (count === 0) return null
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
