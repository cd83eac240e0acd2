import { type NextRequest, NextResponse } from 'next/server'
import { authCookieNames } from '@/lib/web/session-cookie'

/**
 * Sends who has no session cookie to the sign-in page, with the way back. Whether a cookie is worth anything is
 * decided by the page (lib/web/session.ts); this is only for the address to return to.
 */
export function proxy(request: NextRequest): NextResponse {
  const { session } = authCookieNames()
  const hasCookie = request.cookies.getAll().some(({ name }) => name.startsWith(session))
  if (hasCookie) return NextResponse.next()
  const { pathname, search } = request.nextUrl
  const target = request.nextUrl.clone()
  target.pathname = '/sign-in'
  target.search = pathname === '/' ? '' : new URLSearchParams({ callbackUrl: `${pathname}${search}` }).toString()
  return NextResponse.redirect(target)
}

// Pages only: not the APIs and the uploads, which answer 401 themselves (and a proxy would cut their bodies at 10 MB),
// nor files (their names have a dot).
export const config = { matcher: ['/((?!api/|v1/|git/|_next/|sign-in|data/[^/]+/[^/]+/files/|.*\\.).*)'] }
