import { AppError, type FieldErrors } from '@/lib/errors'

/** How Postgres refuses a NUL, in a text and in JSON. */
const REFUSAL = /invalid byte sequence for encoding "UTF8": 0x00|unsupported Unicode escape sequence/
const TEXT = 'This holds a NUL character, which can not be stored. Remove it.'

/** Turns the database's refusal of a NUL into an error at the field that holds it; other errors stay as they are. */
export function refuseNul(error: unknown, input: unknown): unknown {
  const fields: FieldErrors = {}
  collect(input, [], fields)
  if (Object.keys(fields).length === 0 || !(error instanceof Error) || !REFUSAL.test(error.message)) return error
  return new AppError('invalid_input', TEXT, { fields, cause: error })
}

function collect(value: unknown, path: string[], fields: FieldErrors): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) fields[path.join('.')] = TEXT
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) collect(part, [...path, name], fields)
  }
}
