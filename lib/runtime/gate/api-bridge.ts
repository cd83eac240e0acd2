import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

/** The API for one sandbox: who asks is settled already. */
export type LocalApi = (request: Request) => Promise<Response>

/** As ALGORITHMIA_API says inside; the handler behind it looks at the path only. */
const BASE_URL = 'http://127.0.0.1:8080'
const BODILESS_METHODS = ['GET', 'HEAD']

/** Hands a request of node:http to a handler of web requests and streams its answer back. */
export async function answerFromApi(api: LocalApi, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const abort = new AbortController()
  outgoing.on('close', () => abort.abort())
  try {
    const response = await api(toRequest(incoming, abort.signal))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (!response.body || incoming.method === 'HEAD') {
      await response.body?.cancel()
      outgoing.end()
      return
    }
    await pipeline(Readable.fromWeb(response.body as NodeReadableStream), outgoing)
  } catch {
    // The handler maps its own errors to answers; what comes here is a connection that broke or a defect.
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(500, { 'content-type': 'application/json' }).end(INTERNAL_ERROR)
  }
}

const INTERNAL_ERROR = JSON.stringify({ error: { message: 'The server could not answer this request.' } })

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] as string, incoming.rawHeaders[index + 1] as string)
  }
  const method = incoming.method ?? 'GET'
  const url = new URL(`${BASE_URL}${incoming.url ?? '/'}`)
  if (BODILESS_METHODS.includes(method)) return new Request(url, { method, headers, signal })
  const body = Readable.toWeb(incoming) as ReadableStream
  return new Request(url, { method, headers, signal, body, duplex: 'half' } as RequestInit)
}
