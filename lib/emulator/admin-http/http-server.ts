import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { diskFailed } from '../links/amqp-error'
import type { Broker } from '../links/broker'
import { errorAnswer, type HttpAnswer } from './answer'
import { type AdminRequest, answerAdminRequest } from './routes'

const MAX_BODY_BYTES = 256 * 1024
/** How often Node looks for requests that take too long. */
const CHECK_MS = 5000

/** Answers requests before the management API sees them; undefined leaves them to it. */
export type HttpExtension = (request: AdminRequest) => HttpAnswer | undefined

/** The HTTP side of the broker. It listens nowhere: the port's multiplexer hands it sockets. */
export function createAdminServer(broker: Broker, extension?: HttpExtension): Server {
  const { maxOpeningMs } = broker.limits
  const times = {
    requestTimeout: maxOpeningMs,
    headersTimeout: maxOpeningMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, maxOpeningMs),
  }
  const server = createServer(times, (incoming, response) => {
    void serve(broker, incoming, response, extension)
  })
  // Node looks after its time limits from the moment on at which it listens; here the multiplexer does that for it.
  server.emit('listening')
  return server
}

async function serve(
  broker: Broker,
  incoming: IncomingMessage,
  response: ServerResponse,
  extension: HttpExtension | undefined,
): Promise<void> {
  try {
    const request = await readRequest(incoming)
    const answer =
      'status' in request ? request : (extension?.(request) ?? answerAdminRequest(broker.namespace, request))
    // A created queue must survive a crash before its creation is told.
    broker.namespace.whenDurable((error) => {
      send(response, error ? errorAnswer(500, diskFailed(error).description) : answer)
    })
  } catch (error) {
    broker.log(`an HTTP request failed: ${(error as Error).message}`)
    if (!response.headersSent) send(response, errorAnswer(500, 'The request could not be served.'))
  }
}

async function readRequest(incoming: IncomingMessage): Promise<AdminRequest | HttpAnswer> {
  const url = parseUrl(incoming)
  if (!url) return errorAnswer(400, 'The request has no usable URL.')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Read to its end even so: what was left of it would stand before the connection's next request.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) return errorAnswer(413, `The body may have ${MAX_BODY_BYTES} bytes.`)
  return {
    method: incoming.method ?? 'GET',
    base: `https://${url.host}`,
    path: url.path,
    query: url.query,
    authorization: incoming.headers.authorization,
    isUpdate: incoming.headers['if-match'] === '*',
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function parseUrl(incoming: IncomingMessage) {
  try {
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`)
    const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
    return { host: url.host, path, query: url.searchParams }
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, { status, contentType, body }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
