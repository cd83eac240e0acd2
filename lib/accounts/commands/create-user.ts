import { recordAudit } from '@/lib/audit/commands'
import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { Prisma } from '@/lib/generated/prisma/client'
import { generatePassword, hashPassword } from '../password'
import { CreateUser, type InviteUser } from '../schema'

export type CreatedUser = { userId: string; accountId: string; name: string }

/** Makes a user and the account of the same name. Administrators only. */
export async function createUser(ctx: Context, input: CreateUser): Promise<CreatedUser> {
  requireAdmin(ctx)
  const { password, ...profile } = CreateUser.parse(input)
  const passwordHash = await hashPassword(password)
  return db().$transaction((tx) => insertUser(tx, ctx, { ...profile, passwordHash }))
}

/** As `createUser`, with a generated password that is in the answer and nowhere else. */
export async function inviteUser(ctx: Context, input: InviteUser): Promise<CreatedUser & { password: string }> {
  const password = generatePassword()
  const user = await createUser(ctx, { ...input, password })
  return { ...user, password }
}

/** What `createUser` writes; throws `conflict` by field when the name or the e-mail is taken. */
export async function insertUser(
  tx: Transaction,
  ctx: Context,
  user: { name: string; displayName?: string; email: string | null; passwordHash: string; isAdmin: boolean },
): Promise<CreatedUser> {
  const { name, displayName, email, passwordHash, isAdmin } = user
  try {
    const account = await tx.account.create({
      data: {
        kind: 'user',
        name,
        nameKey: name.toLowerCase(),
        displayName: displayName || name,
        user: { create: { email, passwordHash, isAdmin } },
      },
      select: { id: true, user: { select: { id: true } } },
    })
    await recordAudit(tx, ctx, {
      action: 'user.create',
      targetKind: 'user',
      targetName: name,
      accountId: account.id,
      details: { isAdmin },
    })
    return { userId: account.user?.id ?? '', accountId: account.id, name }
  } catch (error) {
    throw takenError(error, name, email) ?? error
  }
}

function takenError(error: unknown, name: string, email: string | null): AppError | null {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return null
  if (JSON.stringify(error.meta).includes('email')) {
    const message = `Another user has the e-mail address ${email}.`
    return new AppError('conflict', message, { fields: { email: message } })
  }
  const message = `The name ${name} is taken; names that differ only in upper and lower case count as one.`
  return new AppError('conflict', message, { fields: { name: message } })
}
