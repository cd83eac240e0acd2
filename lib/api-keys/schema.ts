import { z } from 'zod'

/** Standard keys have 28 characters and begin with `sim`: the official command-line client checks both. */
export const KEY_PREFIX = 'sim'
export const KEY_CHARACTERS = 28

export const ApiKeyAccess = z.object({
  algorithmAccess: z.enum(['full', 'none']),
  dataAccess: z.enum(['read_write', 'read', 'none']),
})
export type ApiKeyAccess = z.infer<typeof ApiKeyAccess>

export const CreateApiKey = ApiKeyAccess.extend({
  label: z
    .string()
    .trim()
    .min(1, 'Give the key a label, to know it again.')
    .max(60, 'A label has at most 60 characters.'),
  /** May also manage algorithms: create, build, publish, delete. Needs full algorithm access. */
  canManage: z.boolean().default(false),
})
export type CreateApiKey = z.input<typeof CreateApiKey>

export const DeleteApiKey = z.object({ keyId: z.uuid() })
export type DeleteApiKey = z.infer<typeof DeleteApiKey>

/** The search parameters of the list of keys; whatever is malformed falls back. */
export const ApiKeyListParams = z.object({
  q: z.string().trim().catch(''),
  order: z.enum(['asc', 'desc']).catch('desc'),
})
export type ApiKeyListParams = z.infer<typeof ApiKeyListParams>
