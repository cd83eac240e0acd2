import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { hashPassword } from '../password'
import { Password } from '../schema'
import { type CreatedUser, insertUser } from './create-user'

export const FIRST_ADMIN_NAME = 'admin'

// Two starts at once must not both find the table empty; any constant that no other lock of ours uses.
const LOCK_ID = 4_071_001

/**
 * Makes the account `admin` with this password when there is no user at all; the launcher calls it on every start.
 * @returns the account, or null when there are users already (their passwords stay as they are)
 */
export async function ensureFirstAdmin(ctx: Context, input: { password: string }): Promise<CreatedUser | null> {
  if (ctx.actor.kind !== 'system') throw new AppError('forbidden', 'Only the launcher makes the first administrator.')
  if ((await db().user.count()) > 0) return null
  const passwordHash = await hashPassword(Password.parse(input.password))
  return db().$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK_ID})`
    if ((await tx.user.count()) > 0) return null
    return insertUser(tx, ctx, {
      name: FIRST_ADMIN_NAME,
      displayName: 'Administrator',
      email: null,
      passwordHash,
      isAdmin: true,
    })
  })
}
