import type { z } from 'zod'
import { AppError } from '@/lib/errors'
import { readBody } from './request-body'

/** The body of a request as `schema` has it; none counts as `{}`. Throws `invalid_input` that names the field. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  maxBytes: number,
): Promise<z.output<Schema>> {
  const body = String(await readBody(request, maxBytes, 'The request'))
  let json: unknown
  try {
    json = body.trim() === '' ? {} : JSON.parse(body)
  } catch {
    throw new AppError('invalid_input', 'The body is not JSON. See docs/api.md for what is taken here.')
  }
  return checked(schema, json)
}

/** `input` as `schema` has it. Throws `invalid_input` that names the first field that is wrong. */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('invalid_input', [issue?.path.join('.'), issue?.message].filter(Boolean).join(': '))
}

/** The parameters of a query, each once; the last one counts. */
export function queryOf(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams)
}
