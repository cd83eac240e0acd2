import type { Answer } from '../links/request-link'

export function success(body?: Record<string, unknown>): Answer {
  return body ? { status: 200, description: 'OK', body } : { status: 200, description: 'OK' }
}

/** Nothing to give: the clients look at the code. */
export function noContent(description: string): Answer {
  return { status: 204, description }
}
