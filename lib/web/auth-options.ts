import 'server-only'
import type { NextAuthOptions } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { signIn } from '@/lib/accounts/commands/sign-in'
import type { SessionUser } from '@/lib/accounts/queries'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { clientAddress } from './client-address'
import { describeError } from './errors'
import { authCookieNames, isSecureOrigin } from './session-cookie'

const SESSION_SECONDS = 7 * 24 * 60 * 60

declare module 'next-auth' {
  interface Session {
    user: SessionUser
  }
}

declare module 'next-auth/jwt' {
  interface JWT {
    user?: SessionUser
  }
}

/** next-auth's set-up: credentials, a JWT in a cookie. A function, because the secret is known only at run time. */
export function authOptions(): NextAuthOptions {
  return {
    secret: env().NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    cookies: authCookies(),
    providers: [
      Credentials({
        credentials: { name: {}, password: {} },
        async authorize(credentials, request) {
          try {
            const address = clientAddress(new Headers(request.headers as Record<string, string>))
            const user = await signIn({ name: credentials?.name ?? '', password: credentials?.password ?? '', address })
            return { id: user.userId, ...user }
          } catch (error) {
            // next-auth hands the text of what is thrown here to the sign-in form.
            throw new Error(error instanceof AppError ? error.message : describeError(error).message)
          }
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        if (!user) return token
        const { userId, accountId, name, isAdmin, stamp } = user as unknown as SessionUser
        return { sub: userId, user: { userId, accountId, name, isAdmin, stamp } }
      },
      session({ session, token }) {
        return token.user ? { ...session, user: token.user } : session
      },
    },
  }
}

function authCookies(): NextAuthOptions['cookies'] {
  const names = authCookieNames()
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecureOrigin() } as const
  return {
    sessionToken: { name: names.session, options },
    csrfToken: { name: names.csrf, options },
    callbackUrl: { name: names.callbackUrl, options },
  }
}
