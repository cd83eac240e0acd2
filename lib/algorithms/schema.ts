import { z } from 'zod'
import { AlgorithmLimits } from './limits'

export const MAX_NAME_CHARS = 30
export const MAX_LABEL_CHARS = 80
export const MAX_TAGLINE_CHARS = 200

/** The name of an algorithm: immutable, unique for its owner, and the name of its main source file. */
export const AlgorithmName = z
  .string()
  .trim()
  .min(1, 'Give the algorithm a name.')
  .max(MAX_NAME_CHARS, `At most ${MAX_NAME_CHARS} characters.`)
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'Start with a letter; letters, digits and underscores only, no spaces.')

/** Where an algorithm is, as in its pages' addresses. */
export const AlgorithmPath = z.object({ owner: z.string().min(1), name: z.string().min(1) })
export type AlgorithmPath = z.infer<typeof AlgorithmPath>

export const SourceVisibility = z.enum(['open', 'closed'])
export const License = z.enum(['apl', 'apache2', 'gpl3', 'mit'])
export type License = z.infer<typeof License>
export const NetworkAccess = z.enum(['full', 'isolated'])

const Label = z
  .string()
  .trim()
  .min(1, 'Give it a title.')
  .max(MAX_LABEL_CHARS, `At most ${MAX_LABEL_CHARS} characters.`)
const Tagline = z.string().trim().max(MAX_TAGLINE_CHARS, `At most ${MAX_TAGLINE_CHARS} characters.`)

export const CreateAlgorithm = z.object({
  /** The owner's name; without one, the actor's own account. */
  owner: z.string().min(1).optional(),
  name: AlgorithmName,
  /** An environment's name, say `python311`; without one, the default environment. */
  environment: z.string().min(1).optional(),
  sourceVisibility: SourceVisibility.default('closed'),
  license: License.default('apl'),
  networkAccess: NetworkAccess.default('full'),
  pipelineEnabled: z.boolean().default(true),
  label: Label.optional(),
  tagline: Tagline.default(''),
})
export type CreateAlgorithm = z.input<typeof CreateAlgorithm>

export const UpdateAlgorithm = AlgorithmPath.extend({
  label: Label.optional(),
  tagline: Tagline.optional(),
  sourceVisibility: SourceVisibility.optional(),
  license: License.optional(),
  networkAccess: NetworkAccess.optional(),
  pipelineEnabled: z.boolean().optional(),
  /** All of them: one that is left out goes back to its default. */
  limits: AlgorithmLimits.optional(),
})
export type UpdateAlgorithm = z.input<typeof UpdateAlgorithm>

export const DeleteAlgorithm = AlgorithmPath.extend({
  /** `OWNER/NAME`, typed again. */
  confirmation: z.string(),
})
export type DeleteAlgorithm = z.input<typeof DeleteAlgorithm>

export const ListAlgorithms = z.object({
  search: z.string().trim().max(100).catch('').default(''),
  page: z.coerce.number<string | number>().int().min(1).catch(1).default(1),
})
export type ListAlgorithms = z.input<typeof ListAlgorithms>
