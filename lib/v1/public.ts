import { authenticateApiKey } from '@/lib/api-keys/queries'
import { errorResponse } from './errors'
import { discardBody } from './request-body'
import { handleApiRequest } from './router'

/** Answers a request to the HTTP API from outside: its `Authorization` header says who calls. Never throws. */
export async function handlePublicRequest(request: Request): Promise<Response> {
  const response = await answer(request)
  await discardBody(request)
  return response
}

async function answer(request: Request): Promise<Response> {
  try {
    const ctx = await authenticateApiKey(request.headers.get('authorization'))
    return await handleApiRequest(ctx, request)
  } catch (error) {
    return errorResponse(error)
  }
}
