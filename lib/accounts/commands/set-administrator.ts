import { recordAudit } from '@/lib/audit/commands'
import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { SetAdministrator } from '../schema'
import { lockAdministrators } from './lock-administrators'

/** Makes a user an administrator or takes that away; the last administrator stays one. Administrators only. */
export async function setAdministrator(ctx: Context, input: SetAdministrator): Promise<void> {
  requireAdmin(ctx)
  const { userId, isAdmin } = SetAdministrator.parse(input)
  await db().$transaction(async (tx) => {
    await lockAdministrators(tx)
    const user = await tx.user.findUnique({
      where: { id: userId },
      select: { isAdmin: true, account: { select: { id: true, name: true } } },
    })
    if (!user) throw notFound('user')
    if (user.isAdmin === isAdmin) return
    if (!isAdmin && (await tx.user.count({ where: { isAdmin: true } })) === 1) {
      throw new AppError('conflict', `${user.account.name} is the last administrator. Make another one first.`)
    }
    await tx.user.update({ where: { id: userId }, data: { isAdmin }, select: { id: true } })
    await recordAudit(tx, ctx, {
      action: isAdmin ? 'user.make-administrator' : 'user.remove-administrator',
      targetKind: 'user',
      targetName: user.account.name,
      accountId: user.account.id,
    })
  })
}
