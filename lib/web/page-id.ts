import 'server-only'
import { notFound } from 'next/navigation'
import { z } from 'zod'

/** An id out of a page's address, or Next's not-found page when it can not be one. */
export function idOrNotFound(text: string): string {
  if (!z.uuid().safeParse(text).success) notFound()
  return text
}
