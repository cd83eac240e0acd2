import type { ErrorCode, FieldErrors } from '@/lib/errors'

export type ActionError = {
  code: ErrorCode | 'unexpected'
  /** One plain sentence for people. */
  message: string
  /** Messages by the input's field name; a nested field's name is joined with dots. */
  fields: FieldErrors
  /** The id under which an unexpected error stands in the log. */
  id?: string
}

/** What every server action returns. */
export type ActionResult<Data> = { ok: true; data: Data } | { ok: false; error: ActionError }
