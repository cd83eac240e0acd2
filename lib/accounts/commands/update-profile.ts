import { recordAudit } from '@/lib/audit/commands'
import { accountOf, type Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { Prisma } from '@/lib/generated/prisma/client'
import { UpdateProfile } from '../schema'

/** Changes the signed-in person's shown name and e-mail address. */
export async function updateProfile(ctx: Context, input: UpdateProfile): Promise<void> {
  if (ctx.actor.kind !== 'user') throw new AppError('forbidden', 'Only a person at the console has a profile.')
  const { displayName, email } = UpdateProfile.parse(input)
  const accountId = accountOf(ctx)
  try {
    await db().$transaction(async (tx) => {
      const { count } = await tx.account.updateMany({ where: { id: accountId }, data: { displayName } })
      if (count === 0) throw notFound('user')
      await tx.user.updateMany({ where: { accountId }, data: { email } })
      const targetName = ctx.actor.name
      await recordAudit(tx, ctx, { action: 'user.update', targetKind: 'user', targetName, accountId })
    })
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error
    const message = `Another user has the e-mail address ${email}.`
    throw new AppError('conflict', message, { fields: { email: message } })
  }
}
