import type { Context } from '@/lib/context'
import { handleAlgorithmCall } from './algorithm-calls'
import { handleBuildRequest } from './builds'
import { handleDataRequest } from './data-requests'
import { errorBody, errorResponse } from './errors'
import { handleEventListeners } from './event-listeners'
import { decodeAlgorithmPath, decodeConnectorPath, decodeDataPath } from './path'

type Handler = (ctx: Context, request: Request, url: URL, rest: string) => Promise<Response>
type Route = { prefix: string; methods: readonly string[]; handle: Handler }

const DATA_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'] as const

/** What `/v1` serves: the first route whose prefix the path has answers for all that stands behind it. */
const ROUTES: readonly Route[] = [
  {
    prefix: '/v1/algo/',
    methods: ['POST'],
    handle: (ctx, request, url, rest) => handleAlgorithmCall(ctx, request, url, decodeAlgorithmPath(rest)),
  },
  {
    prefix: '/v1/algorithms/',
    methods: ['GET', 'POST'],
    handle: (ctx, request, _url, rest) => handleBuildRequest(ctx, request, rest),
  },
  {
    prefix: '/v1/connector/',
    methods: DATA_METHODS,
    handle: (ctx, request, url, rest) => handleDataRequest(ctx, request, url, decodeConnectorPath(rest)),
  },
  {
    prefix: '/v1/users/',
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    handle: handleEventListeners,
  },
  {
    prefix: '/v1/data/',
    methods: DATA_METHODS,
    handle: (ctx, request, url, rest) => handleDataRequest(ctx, request, url, decodeDataPath(rest)),
  },
]

/**
 * Answers a request to the HTTP API (`/v1/…`) for a caller who is known already. Framework-free: behind the console's
 * route handler, and behind the gate through which algorithms call from inside the sandbox. Never throws.
 */
export async function handleApiRequest(ctx: Context, request: Request): Promise<Response> {
  const response = await answer(ctx, request)
  if (request.method !== 'HEAD' || !response.body) return response
  await response.body.cancel()
  return new Response(null, { status: response.status, headers: response.headers })
}

async function answer(ctx: Context, request: Request): Promise<Response> {
  const url = new URL(request.url)
  // `/v1/data` is `/v1/data/`.
  const path = `${url.pathname}/`
  const route = ROUTES.find(({ prefix }) => path.startsWith(prefix))
  if (!route) return errorBody({ message: `There is nothing at ${url.pathname}.` }, 404)
  if (!route.methods.includes(request.method)) {
    const response = errorBody({ message: `${request.method} is not known at ${url.pathname}.` }, 405)
    response.headers.set('Allow', route.methods.join(', '))
    return response
  }
  try {
    return await route.handle(ctx, request, url, url.pathname.slice(route.prefix.length))
  } catch (error) {
    return errorResponse(error)
  }
}
