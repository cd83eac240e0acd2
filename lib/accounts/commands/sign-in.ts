import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { verifyPassword } from '../password'
import { type SessionUser, sessionStamp } from '../queries'
import { SignIn } from '../schema'

export const WINDOW_MINUTES = 15
export const MAX_FAILURES_PER_NAME = 5
export const MAX_FAILURES_PER_ADDRESS = 20

const MINUTE_MS = 60_000
const WRONG = 'The user name or the password is not right.'

/**
 * Checks a name and a password; the answer is who signed in.
 * @throws AppError `unauthenticated` for a wrong pair, the same whether the name exists; `rate_limited` after too many
 *   failures of one name or from one address, with the minutes to wait
 */
export async function signIn(input: SignIn): Promise<SessionUser> {
  const attempt = SignIn.safeParse(input)
  if (!attempt.success) throw new AppError('unauthenticated', WRONG)
  const { name, password, address } = attempt.data
  const nameKey = name.toLowerCase()

  const attemptId = await reserveAttempt(nameKey, address)
  const user = await db().user.findFirst({
    where: { account: { nameKey } },
    select: { id: true, isAdmin: true, passwordHash: true, account: { select: { id: true, name: true } } },
  })
  const isRight = await verifyPassword(password, user?.passwordHash ?? null)
  if (!user || !isRight) throw new AppError('unauthenticated', WRONG)

  await db().$transaction([
    db().signInFailure.deleteMany({ where: { OR: [{ id: attemptId }, { nameKey }] } }),
    db().user.update({ where: { id: user.id }, data: { lastSignInAt: new Date() }, select: { id: true } }),
  ])
  return {
    userId: user.id,
    accountId: user.account.id,
    name: user.account.name,
    isAdmin: user.isAdmin,
    stamp: sessionStamp(user.passwordHash),
  }
}

/**
 * Counts the attempt as a failure before the password is looked at (a success takes it back), so that many attempts
 * at once can not all pass the count. An attempt that is refused is not counted: waiting really helps.
 */
async function reserveAttempt(nameKey: string, address: string): Promise<string> {
  const since = new Date(Date.now() - WINDOW_MINUTES * MINUTE_MS)
  await db().signInFailure.deleteMany({ where: { at: { lt: since } } })
  const { id } = await db().signInFailure.create({ data: { nameKey, address }, select: { id: true } })
  const waitMs = Math.max(
    await waitFor({ nameKey, at: { gte: since } }, MAX_FAILURES_PER_NAME),
    await waitFor({ address, at: { gte: since } }, MAX_FAILURES_PER_ADDRESS),
  )
  if (waitMs === 0) return id
  await db().signInFailure.deleteMany({ where: { id } })
  const minutes = Math.ceil(waitMs / MINUTE_MS)
  throw new AppError(
    'rate_limited',
    `Too many failed attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  )
}

type Failures = { nameKey?: string; address?: string; at: { gte: Date } }

/** Milliseconds until fewer than `max` earlier failures are left in the window; 0 when there is room now. */
async function waitFor(where: Failures, max: number): Promise<number> {
  const latest = await db().signInFailure.findMany({
    where,
    select: { at: true },
    orderBy: { at: 'desc' },
    take: max + 1,
  })
  const blocking = latest[max]
  if (!blocking) return 0
  return Math.max(1, blocking.at.getTime() + WINDOW_MINUTES * MINUTE_MS - Date.now())
}
