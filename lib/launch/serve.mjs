/**
 * Entry of the built console: keeps hold of the HTTP server, so that a stop can drain it, sees to it that the
 * client's address is the one that the socket says, that the API's paths arrive as clients send them, and that the host
 * answers them itself.
 *
 * Usage: node serve.mjs <folder of the standalone build>
 */
import http from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** What app/v1 answers; other methods are Next's to refuse. */
const API_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
/** What takes longer than this is cut at a stop: the engine's draining, and a little for all that follows it. */
const DRAIN_MS = Number(process.env.HEADRACE_DRAIN_SECONDS ?? 30) * 1_000 + 15_000
/** For requests that are still under way when the host has stopped. */
const REQUEST_GRACE_MS = 2_000
const isProxyTrusted = process.env.HEADRACE_TRUST_PROXY === '1'

let server
const createServer = http.createServer
http.createServer = (...args) => {
  const answerPage = args.pop()
  server = createServer(...args, (request, response) => {
    const answer = isApiRequest(request) ? globalThis.headraceApi : undefined
    void (answer ?? answerPage)(request, response)
  })
  server.prependListener('request', fixAddress)
  server.prependListener('request', foldApiPath)
  server.prependListener('request', replaceNul)
  server.prependListener('request', restoreLength)
  return server
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal))
await import(pathToFileURL(path.resolve(process.argv[2], 'server.js')).href)

/**
 * The HTTP API knows no framework, and the host offers it as a listener once it has started: past Next, which takes
 * longer over a request than all the rest of a call does (docs/performance.md).
 */
function isApiRequest({ method, url }) {
  return API_METHODS.has(method) && url.startsWith('/v1/')
}

/** Anybody can send `x-forwarded-for`; sign-in limits count by address, so only a trusted proxy may set it. */
function fixAddress(request) {
  if (isProxyTrusted) return
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  delete request.headers['x-forwarded-host']
  delete request.headers['x-forwarded-proto']
  delete request.headers['x-real-ip']
}

/**
 * Official clients send `/v1/algo/algo://OWNER/NAME` and slashes at the end, which Next would answer with a redirect
 * that they do not follow, and `%` as it is, at which it would fail. The API reads this path the same way.
 */
function foldApiPath(request) {
  if (!request.url?.startsWith('/v1/')) return
  const [path, ...query] = request.url.split('?')
  const folded = path
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
  request.url = [folded, ...query].join('?')
}

/** No name has a NUL and Postgres takes none: as the replacement character it is found nowhere, and breaks nothing. */
function replaceNul(request) {
  request.url = request.url?.replaceAll('%00', '%EF%BF%BD')
}

/** See lib/web/content-length.ts. */
function restoreLength(_request, response) {
  const { setHeader } = response
  response.setHeader = (name, value) =>
    name === 'x-headrace-length'
      ? setHeader.call(response, 'Content-Length', String(value))
      : setHeader.call(response, name, value)
}

let stopping
function stop(reason) {
  if (!stopping) stopping = drain(reason)
  // The host hurries at a second request.
  else globalThis.headraceHost?.stop(reason)
  return stopping
}

/** No new connections, then the host (consumers, workers), then what is still connected. */
async function drain(reason) {
  const force = setTimeout(() => process.exit(1), DRAIN_MS)
  force.unref()
  const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve()))
  server?.closeIdleConnections()
  try {
    await globalThis.headraceHost?.stop(reason)
  } catch (error) {
    process.stderr.write(
      `${JSON.stringify({ level: 50, msg: 'the host did not stop cleanly', error: String(error) })}\n`,
    )
  }
  const cut = setTimeout(() => server?.closeAllConnections(), REQUEST_GRACE_MS)
  await closed
  clearTimeout(cut)
  process.exit(0)
}
