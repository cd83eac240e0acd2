/**
 * The closed list of what can go wrong below the edge. Each transport (page, action, /v1) maps every code.
 */
export type ErrorCode =
  | 'invalid_input' // the caller must change the input; `fields` says where
  | 'unauthenticated' // nobody is signed in, or the key is unknown
  | 'forbidden' // the caller is known and may see the thing, but not do this to it
  | 'not_found' // there is no such thing, or none that the caller may see
  | 'conflict' // the thing exists already, or changed in between
  | 'too_large' // a size limit, named in the message
  | 'rate_limited' // too many attempts; the message says when to try again
  | 'unavailable' // something outside (broker, database, storage, sandbox) does not answer now

/** What each code is over HTTP, whoever speaks it: pages, `/v1`, Git. */
export const HTTP_STATUS: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
}

/** Messages by field name, for a form to show beside its inputs. */
export type FieldErrors = Record<string, string>

/**
 * An expected failure, with a message written for the person who caused it: what is wrong, where, what to do.
 * Anything else that is thrown is a defect and reaches people only as an id.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly fields: FieldErrors

  constructor(code: ErrorCode, message: string, options: { fields?: FieldErrors; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.fields = options.fields ?? {}
  }
}

/** `OWNER/NAME is not here` for one noun, the same whether it is missing or another account's. */
export function notFound(noun: string, name?: string): AppError {
  return new AppError(
    'not_found',
    name ? `There is no ${noun} ${name}, or you may not see it.` : `There is no such ${noun}.`,
  )
}
