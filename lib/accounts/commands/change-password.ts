import { recordAudit } from '@/lib/audit/commands'
import { accountOf, type Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { hashPassword, verifyPassword } from '../password'
import { ChangePassword } from '../schema'

/** Gives the signed-in person a new password; every session made with the old one ends. */
export async function changePassword(ctx: Context, input: ChangePassword): Promise<void> {
  if (ctx.actor.kind !== 'user') throw new AppError('forbidden', 'Only a person at the console has a password.')
  const { currentPassword, newPassword } = ChangePassword.parse(input)
  const user = await db().user.findUnique({
    where: { id: ctx.actor.userId, accountId: accountOf(ctx) },
    select: { id: true, passwordHash: true, account: { select: { name: true } } },
  })
  if (!user) throw notFound('user')
  if (!(await verifyPassword(currentPassword, user.passwordHash))) {
    const message = 'This is not your current password.'
    throw new AppError('invalid_input', message, { fields: { currentPassword: message } })
  }
  const passwordHash = await hashPassword(newPassword)
  await db().$transaction(async (tx) => {
    const { count } = await tx.user.updateMany({
      where: { id: user.id, passwordHash: user.passwordHash },
      data: { passwordHash },
    })
    if (count === 0) throw new AppError('conflict', 'The password was changed elsewhere just now. Sign in again.')
    await recordAudit(tx, ctx, {
      action: 'user.change-password',
      targetKind: 'user',
      targetName: user.account.name,
      accountId: accountOf(ctx),
    })
  })
}
