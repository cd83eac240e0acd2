import { createHash } from 'node:crypto'

const SECURE_ORIGIN = /^https:/

/**
 * The names of the sign-in cookies, different for each installation: browsers do not keep the cookies of two ports
 * of one host apart, and two clones on 127.0.0.1 would sign each other out.
 */
export function authCookieNames(secret = process.env.NEXTAUTH_SECRET ?? '') {
  const installation = createHash('sha256').update(secret).digest('hex').slice(0, 8)
  return {
    session: `headrace-${installation}.session`,
    csrf: `headrace-${installation}.csrf`,
    callbackUrl: `headrace-${installation}.callback`,
  }
}

/** Cookies are sent over https only when the console itself is at an https address. */
export function isSecureOrigin(url = process.env.NEXTAUTH_URL ?? ''): boolean {
  return SECURE_ORIGIN.test(url)
}
