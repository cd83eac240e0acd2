import 'server-only'
import { randomUUID } from 'node:crypto'
import { notFound } from 'next/navigation'
import { ZodError } from 'zod'
import { AppError, type ErrorCode, type FieldErrors, HTTP_STATUS } from '@/lib/errors'
import { componentLogger } from '@/lib/logger'
import type { ActionError } from './action-result'

const log = componentLogger('web')

/** The HTTP status of an error's code. */
export function statusOf(code: ErrorCode | 'unexpected'): number {
  return code === 'unexpected' ? 500 : HTTP_STATUS[code]
}

/** What people are told of an error. One that nobody expected is logged with an id, and only the id is shown. */
export function describeError(error: unknown): ActionError {
  if (error instanceof AppError) return { code: error.code, message: error.message, fields: error.fields }
  if (error instanceof ZodError) {
    return { code: 'invalid_input', message: 'Some of the fields need another value.', fields: fieldErrors(error) }
  }
  const id = randomUUID().slice(0, 8)
  log.error({ err: error, errorId: id }, 'unexpected error')
  const message = `Something went wrong on the server. Try again; if it stays, give an administrator the id ${id}.`
  return { code: 'unexpected', message, fields: {}, id }
}

/** The first message of each field; nested paths are joined with dots. */
export function fieldErrors(error: ZodError): FieldErrors {
  const fields: FieldErrors = {}
  for (const issue of error.issues) fields[issue.path.join('.')] ??= issue.message
  return fields
}

/** The query's answer, or Next's not-found page when it throws `not_found`. */
export async function orNotFound<Data>(answer: Promise<Data>): Promise<Data> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') notFound()
    throw error
  }
}
