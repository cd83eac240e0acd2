import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { ReadAccess } from '@/lib/generated/prisma/enums'

/** How the API writes who may read a collection. */
const ACL: Record<ReadAccess, string[]> = {
  private: [],
  my_algorithms: ['algo://.my/*'],
  public: ['user://*'],
}

/** `acl` of a request; a list that is null or left out counts as empty, as Go writes it. */
export const RequestedAcl = z.object({ read: z.array(z.string()).nullish() })

export function toAcl(readAccess: ReadAccess): { read: string[] } {
  return { read: ACL[readAccess] }
}

/** Throws `invalid_input` for a list that is none of the three. */
export function fromAcl(acl: z.infer<typeof RequestedAcl>): ReadAccess {
  const read = acl.read ?? []
  if (read.length === 0) return 'private'
  if (read.includes('user://*')) return 'public'
  if (read.length === 1 && read[0] === 'algo://.my/*') return 'my_algorithms'
  const known = Object.values(ACL).map((list) => JSON.stringify(list))
  throw new AppError('invalid_input', `The ACL ${JSON.stringify(read)} is not known; use one of ${known.join(', ')}.`)
}
