import 'server-only'

/** lib/launch/serve.mjs knows this name too. */
const LENGTH_HEADER = 'x-headrace-length'

/**
 * Next takes Content-Length from a route handler's response, but clients ask for it with HEAD and browsers show a
 * download's progress by it. Under this name it gets through, and the server's entry gives it its own name again.
 */
export function keepLength(response: Response): Response {
  const length = response.headers.get('content-length')
  if (length !== null) response.headers.set(LENGTH_HEADER, length)
  return response
}
