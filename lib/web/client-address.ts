/**
 * Where a request comes from. Next writes the socket's address into X-Forwarded-For when the header is missing, and
 * a proxy in front appends the address that it saw: the last entry is the one that the nearest hop vouches for.
 */
export function clientAddress(headers: Headers): string {
  return headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || 'unknown'
}
