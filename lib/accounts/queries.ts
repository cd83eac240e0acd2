import { accountOf, type Context, requireAdmin } from '@/lib/context'
import { sha256 } from '@/lib/crypto'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { UserListParams } from './schema'

/** The accounts that the actor may act for: ids for an `ownerId: { in: … }`. */
export async function ownedAccountIds(ctx: Context): Promise<string[]> {
  return [accountOf(ctx)]
}

/** The accounts that the actor may create things for, for an owner's select. */
export async function listOwnedAccounts(ctx: Context): Promise<{ id: string; name: string }[]> {
  return db().account.findMany({
    where: { id: { in: await ownedAccountIds(ctx) } },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  })
}

export type SessionUser = {
  userId: string
  accountId: string
  name: string
  isAdmin: boolean
  /** Changes with the password, so that a new password ends the sessions made with the old one. */
  stamp: string
}

/** The user behind a session, as of now; null once deleted. Before the sign-in is checked there is no context yet. */
export async function findSessionUser(userId: string): Promise<SessionUser | null> {
  const user = await db().user.findUnique({
    where: { id: userId },
    select: { id: true, isAdmin: true, passwordHash: true, account: { select: { id: true, name: true } } },
  })
  if (!user) return null
  return {
    userId: user.id,
    accountId: user.account.id,
    name: user.account.name,
    isAdmin: user.isAdmin,
    stamp: sessionStamp(user.passwordHash),
  }
}

/** See `SessionUser.stamp`. */
export function sessionStamp(passwordHash: string): string {
  return sha256(passwordHash).slice(0, 16)
}

export type Profile = { name: string; displayName: string; email: string | null; isAdmin: boolean; createdAt: Date }

/** The signed-in person's own profile. */
export async function getProfile(ctx: Context): Promise<Profile> {
  const user = await db().user.findUnique({
    where: { accountId: accountOf(ctx) },
    select: { email: true, isAdmin: true, createdAt: true, account: { select: { name: true, displayName: true } } },
  })
  if (!user) throw notFound('user')
  return { ...user.account, email: user.email, isAdmin: user.isAdmin, createdAt: user.createdAt }
}

export type UserRow = {
  id: string
  name: string
  displayName: string
  email: string | null
  isAdmin: boolean
  createdAt: Date
  lastSignInAt: Date | null
}

export const USERS_PER_PAGE = 25

/** Every user of this installation, for administrators; `q` is a part of a name or of an e-mail address. */
export async function listUsers(
  ctx: Context,
  { q, page }: UserListParams,
): Promise<{ users: UserRow[]; total: number }> {
  requireAdmin(ctx)
  const part = { contains: q, mode: 'insensitive' } as const
  const where: Prisma.UserWhereInput = q
    ? { OR: [{ email: part }, { account: { name: part } }, { account: { displayName: part } }] }
    : {}
  const [total, users] = await Promise.all([
    db().user.count({ where }),
    db().user.findMany({
      where,
      select: {
        id: true,
        email: true,
        isAdmin: true,
        createdAt: true,
        lastSignInAt: true,
        account: { select: { name: true, displayName: true } },
      },
      orderBy: { account: { nameKey: 'asc' } },
      skip: (page - 1) * USERS_PER_PAGE,
      take: USERS_PER_PAGE,
    }),
  ])
  return { total, users: users.map(({ account, ...user }) => ({ ...user, ...account })) }
}
