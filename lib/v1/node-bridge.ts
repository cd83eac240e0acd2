import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { errorResponse } from './errors'

/** Handlers look at path and query only; the Host header is whatever the client likes. */
const BASE_URL = 'http://localhost'

/** A client that sends for longer than this although it is answered is cut off. */
const DISCARD_MS = 30_000

/**
 * A listener for node's HTTP server from a function of web requests; bodies stream both ways. The request's signal
 * aborts when the client goes away before the response is complete.
 */
export function toNodeListener(handler: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    void respond(handler, incoming, outgoing)
  }
}

async function respond(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => outgoing.writableFinished || gone.abort())
  const body = receiveBody(incoming)
  const response = await answer(handler, incoming, body, gone.signal)
  try {
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (response.body && incoming.method !== 'HEAD') {
      await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing, { end: false })
    }
    incoming.unpipe(body)
    await discardRest(incoming)
    outgoing.end()
  } catch {
    // Too late for a status: a cut connection tells the client that the body is not whole.
    outgoing.destroy()
  }
}

/**
 * Takes in what nobody wants of a request's body. Many clients read the answer only once they have sent everything: a
 * connection that closes before would hide the answer from them, and one that stays could not be used again.
 */
async function discardRest(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete) return
  incoming.resume()
  await finished(incoming, { writable: false, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => {})
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  body: Readable,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await handler(toRequest(incoming, body, signal))
  } catch (error) {
    return errorResponse(error)
  }
}

/** A stream of its own, which can be given up while the connection lives on. */
function receiveBody(incoming: IncomingMessage): PassThrough {
  const body = incoming.pipe(new PassThrough())
  // A body that nobody reads any more may fail unheard.
  body.on('error', () => {})
  incoming.once('error', (error) => body.destroy(error))
  incoming.once('close', () => incoming.complete || body.destroy(new Error('the client went away')))
  return body
}

function toRequest(incoming: IncomingMessage, content: Readable, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const method = incoming.method ?? 'GET'
  const url = `${BASE_URL}${incoming.url ?? '/'}`
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal })
  const body = Readable.toWeb(content) as unknown as BodyInit
  return new Request(url, { method, headers, signal, body, duplex: 'half' } as RequestInit & { duplex: 'half' })
}
