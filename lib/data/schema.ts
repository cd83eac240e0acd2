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

const Search = z.string().trim().max(200).catch('').default('')
const Page = z.coerce.number().int().min(1).catch(1).default(1)

/** What the pages show, as it stands in their URLs. Nonsense falls back to the defaults. */
export const DataSourcesView = z.object({ q: Search, new: z.enum(['collection']).optional().catch(undefined) })
export const CollectionListView = z.object({ q: Search })
export const FileListView = z.object({ q: Search, page: Page, file: FileName.optional().catch(undefined) })
