import 'server-only'
import { notFound, redirect } from 'next/navigation'
import { getServerSession } from 'next-auth'
import { cache } from 'react'
import { findSessionUser } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { authOptions } from './auth-options'

/**
 * Who is signed in, checked against the database once a request: a deleted user has no session any more, a demoted
 * one is no administrator, and a new password ends the sessions made with the old one. Null for nobody.
 */
export const currentContext = cache(async (): Promise<Context | null> => {
  const session = await getServerSession(authOptions())
  if (!session) return null
  const user = await findSessionUser(session.user.userId)
  if (!user || user.stamp !== session.user.stamp) return null
  const { stamp: _, ...actor } = user
  return { actor: { kind: 'user', ...actor } }
})

/** The signed-in person's context; others are sent to the sign-in page. */
export async function requireContext(): Promise<Context> {
  return (await currentContext()) ?? redirect('/sign-in')
}

/** An administrator's context; to everybody else the page is not there. */
export async function requireAdminContext(): Promise<Context> {
  const ctx = await requireContext()
  if (ctx.actor.kind !== 'user' || !ctx.actor.isAdmin) notFound()
  return ctx
}
