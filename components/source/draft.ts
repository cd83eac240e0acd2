import type { TreeChange } from './working-tree'

/** Unsaved changes of one algorithm, on the commit that they were made on. */
type Draft = { headSha: string; changes: TreeChange[] }

/** What the tab keeps while it is open, so that the browser's Back button or a reload loses nothing. */
const keyOf = (algorithm: string) => `headrace-draft:${algorithm}`

/** Quiet when the browser keeps nothing (storage is full or switched off): the draft is a second net. */
export function keepDraft(algorithm: string, draft: Draft): void {
  try {
    if (draft.changes.length === 0) sessionStorage.removeItem(keyOf(algorithm))
    else sessionStorage.setItem(keyOf(algorithm), JSON.stringify(draft))
  } catch {
    // Nothing can be done about it here.
  }
}

export function dropDraft(algorithm: string): void {
  keepDraft(algorithm, { headSha: '', changes: [] })
}

/** The draft that was left, if any: `fits` when the source is still the commit that it was made on. */
export function findDraft(algorithm: string, headSha: string): (Draft & { fits: boolean }) | null {
  try {
    const kept = sessionStorage.getItem(keyOf(algorithm))
    if (!kept) return null
    const draft: Draft = JSON.parse(kept)
    return { ...draft, fits: draft.headSha === headSha }
  } catch {
    return null
  }
}
