'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { authCookieNames } from './session-cookie'

/** Ends the browser's session. The one server action that works without a session: a broken one must end, too. */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const { session } = authCookieNames()
  // next-auth cuts a long cookie into `name.0`, `name.1`, …
  for (const { name } of jar.getAll()) if (name.startsWith(session)) jar.delete(name)
  redirect('/sign-in')
}
