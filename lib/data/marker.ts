import { AppError } from '@/lib/errors'

const PREFIX = 'n:'

/** The opaque text that asks for what comes after `name`. */
export function encodeMarker(name: string): string {
  return Buffer.from(PREFIX + name).toString('base64url')
}

/** Throws `invalid_input` for a text that `encodeMarker` did not make. */
export function decodeMarker(marker: string): string {
  const text = Buffer.from(marker, 'base64url').toString('utf8')
  if (text.startsWith(PREFIX) && encodeMarker(text.slice(PREFIX.length)) === marker) return text.slice(PREFIX.length)
  throw new AppError('invalid_input', 'The marker is not one that this server gave. Begin again without a marker.')
}
