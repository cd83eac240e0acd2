import { z } from 'zod'
import { AlgorithmPath } from '../schema'
import { MAX_FILE_BYTES, MAX_FILES, SourcePath } from './paths'

export const MAX_COMMIT_MESSAGE_CHARS = 500

const CommitSha = z.string().regex(/^[0-9a-f]{40}$/, 'Not a commit.')

export const SaveSource = AlgorithmPath.extend({
  /** The commit that the changes were made on. */
  parentSha: CommitSha,
  changes: z
    .array(z.object({ path: SourcePath, text: z.string().max(MAX_FILE_BYTES).nullable() }))
    .max(MAX_FILES)
    .refine((changes) => new Set(changes.map((change) => change.path)).size === changes.length, {
      message: 'Each file may be named once.',
    }),
  message: z.string().trim().max(MAX_COMMIT_MESSAGE_CHARS).optional(),
})
export type SaveSource = z.input<typeof SaveSource>
