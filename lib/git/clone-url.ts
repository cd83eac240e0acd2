import { env } from '@/lib/env'

/** Where `git clone` finds an algorithm's source; HTTP's user name is any, the password an API key. */
export function cloneUrlOf(endpoint: string): string {
  return new URL(`/git/${endpoint}.git`, env().NEXTAUTH_URL).href
}
