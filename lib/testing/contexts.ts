import { randomBytes } from 'node:crypto'
import type { Context } from '@/lib/context'
import type { Db } from '@/lib/db'

export type TestUser = {
  ctx: Context
  account: { id: string; name: string }
  user: { id: string; isAdmin: boolean }
}

/** Makes an account with its user and the context of that person at the console. The password matches nothing. */
export async function makeUserContext(db: Db, options: { name?: string; isAdmin?: boolean } = {}): Promise<TestUser> {
  const name = options.name ?? `user_${randomBytes(4).toString('hex')}`
  const isAdmin = options.isAdmin ?? false
  const { user, ...account } = await db.account.create({
    data: {
      kind: 'user',
      name,
      nameKey: name.toLowerCase(),
      displayName: name,
      user: { create: { passwordHash: 'unusable', isAdmin } },
    },
    select: { id: true, name: true, user: { select: { id: true, isAdmin: true } } },
  })
  if (!user) throw new Error('the user was not created')
  return { ctx: { actor: { kind: 'user', userId: user.id, accountId: account.id, name, isAdmin } }, account, user }
}
