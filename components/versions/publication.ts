import type { PublicationDraft } from '@/lib/versions/queries'
import type { Callability, VersionBump } from '@/lib/versions/schema'

/** What is being filled in, step by step. */
export type Publication = {
  releaseNotes: string
  sampleInput: string
  sampleOutput: string
  bump: VersionBump
  callability: Callability
}

/** A first version starts at 0.1.0, later ones at the next revision; who may call stays as it was. */
export function emptyPublication(draft: PublicationDraft): Publication {
  return {
    releaseNotes: '',
    sampleInput: draft.sampleInput,
    sampleOutput: '',
    bump: draft.last ? 'revision' : 'minor',
    callability: draft.last?.callability ?? 'private',
  }
}

export type StepProps = {
  draft: PublicationDraft
  publication: Publication
  onChange: (part: Partial<Publication>) => void
}
