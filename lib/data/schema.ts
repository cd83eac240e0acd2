import { z } from 'zod'
import { ReadAccess } from '@/lib/generated/prisma/enums'
import { collectionNameProblem, fileNameProblem, OWN_ACCOUNT } from './uri'

export const CollectionName = z
  .string()
  .trim()
  .superRefine((name, check) => {
    const problem = collectionNameProblem(name)
    if (problem) check.addIssue({ code: 'custom', message: problem })
  })

export const FileName = z.string().superRefine((name, check) => {
  const problem = fileNameProblem(name)
  if (problem) check.addIssue({ code: 'custom', message: problem })
})

const ReadAccessName = z.enum(ReadAccess)

/** What to make: `owner` is an account's name, or `.my`. */
export const NewCollection = z.object({
  owner: z.string().min(1).default(OWN_ACCOUNT),
  name: CollectionName,
  readAccess: ReadAccessName.default('my_algorithms'),
})
export type NewCollection = z.input<typeof NewCollection>

export const CollectionPath = z.object({ owner: z.string().min(1), collection: CollectionName })
export type CollectionPath = z.infer<typeof CollectionPath>

export const FilePath = CollectionPath.extend({ file: FileName })
export type FilePath = z.infer<typeof FilePath>

export const ReadAccessChange = CollectionPath.extend({ readAccess: ReadAccessName })
export type ReadAccessChange = z.infer<typeof ReadAccessChange>

/** `force` deletes the files in it too. */
export const CollectionDeletion = CollectionPath.extend({ force: z.boolean().default(false) })
export type CollectionDeletion = z.input<typeof CollectionDeletion>

/** Words for read access, as menus and pages show them. */
export const READ_ACCESS_LABELS: Record<ReadAccess, string> = {
  private: 'Private',
  my_algorithms: 'My Algorithms',
  public: 'Public',
}

/** Who reads, in a sentence's place under the label. */
export const READ_ACCESS_HINTS: Record<ReadAccess, string> = {
  private: 'Only you, and algorithms that you call',
  my_algorithms: 'You, and your algorithms whoever calls them',
  public: 'Everybody who is signed in or has an API key',
}
