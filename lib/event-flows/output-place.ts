import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'

/**
 * The output collection as its owner writes it. Only a collection of the flow's owner will do, and it must be there:
 * what is wrong is said at the field now, not by a flow that holds its messages.
 */
export async function findOutputPlace(flowOwnerId: string, place: string | null): Promise<string | null> {
  if (place === null) return null
  const [owner = '', collection = ''] = place.split('/')
  const found = await db().collection.findFirst({
    where: { name: collection, ownerId: flowOwnerId, owner: { nameKey: owner.toLowerCase() } },
    select: { name: true, owner: { select: { name: true } } },
  })
  if (found) return `${found.owner.name}/${found.name}`
  const text = `You have no collection ${place}. Create it under Data first, or leave this blank.`
  throw new AppError('not_found', text, { fields: { outputCollection: text } })
}
