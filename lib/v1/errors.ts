import { randomUUID } from 'node:crypto'
import { AppError, HTTP_STATUS } from '@/lib/errors'
import { componentLogger } from '@/lib/logger'

const log = componentLogger('v1')

/** An error's response: `{"error":{"message"}}`; in a header too, since an answer to HEAD has no body. */
export function errorResponse(error: unknown, status?: number): Response {
  if (error instanceof AppError) return errorBody({ message: error.message }, status ?? HTTP_STATUS[error.code])
  const id = randomUUID()
  log.error({ err: error, errorId: id }, 'an API request failed')
  return errorBody({ message: `The server failed; its log has more under ${id}.`, id }, 500)
}

/** `body` as the `error` of a response with `status`. */
export function errorBody(body: { message: string; [field: string]: unknown }, status: number): Response {
  const headers = { 'X-Error-Message': headerText(body.message) }
  return Response.json({ error: body }, { status, headers })
}

/** A header holds printable Latin letters only. */
function headerText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?')
}
