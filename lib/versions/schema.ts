import { z } from 'zod'
import { AlgorithmPath } from '@/lib/algorithms/schema'

export const MAX_RELEASE_NOTES_CHARS = 10_000
export const MAX_SAMPLE_CHARS = 20_000

export const VersionBump = z.enum(['major', 'minor', 'revision'])
export type VersionBump = z.infer<typeof VersionBump>

export const Callability = z.enum(['public', 'private'])
export type Callability = z.infer<typeof Callability>

export const PublishVersion = AlgorithmPath.extend({
  buildId: z.uuid(),
  bump: VersionBump.default('revision'),
  callability: Callability.default('private'),
  releaseNotes: z.string().max(MAX_RELEASE_NOTES_CHARS, 'The release notes are too long.').default(''),
  sampleInput: z.string().max(MAX_SAMPLE_CHARS, 'The example input is too long.').default(''),
  sampleOutput: z.string().max(MAX_SAMPLE_CHARS, 'The example output is too long.').default(''),
})
export type PublishVersion = z.input<typeof PublishVersion>

/** Which build the publish dialog is about. */
export const PublicationDraftOf = AlgorithmPath.extend({ buildId: z.uuid() })

export type SemanticVersion = { major: number; minor: number; revision: number }

export function formatSemanticVersion(version: SemanticVersion): string {
  return `${version.major}.${version.minor}.${version.revision}`
}

/** The number that a publication gets; without an earlier version 1.0.0, 0.1.0 or 0.0.1. */
export function nextSemanticVersion(last: SemanticVersion | null, bump: VersionBump): SemanticVersion {
  const { major, minor, revision } = last ?? { major: 0, minor: 0, revision: 0 }
  if (bump === 'major') return { major: major + 1, minor: 0, revision: 0 }
  if (bump === 'minor') return { major, minor: minor + 1, revision: 0 }
  return { major, minor, revision: revision + 1 }
}
