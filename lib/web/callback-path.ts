/**
 * Where to go after signing in: a path of this console, taken from an address that anybody may have written.
 * Anything that a browser could read as another host becomes `/`.
 */
export function callbackPath(value: unknown): string {
  if (typeof value !== 'string') return '/'
  const base = 'http://console.invalid'
  // Only a path: `//host` and `/\host` are hosts to a browser, and it drops tabs and newlines before it looks.
  if (!/^\/(?![/\\])[^\\\t\r\n]*$/.test(value)) return '/'
  const url = URL.parse(value, base)
  return url?.origin === base ? `${url.pathname}${url.search}${url.hash}` : '/'
}
