'use client'

import { useEffect, useRef } from 'react'
import { toast } from 'sonner'
import { dropDraft, findDraft, keepDraft } from './draft'
import { changesOf, type TreeChange, type WorkingTree } from './working-tree'

/**
 * Against losing unsaved changes: the browser asks before the tab is closed or reloaded, and the tab keeps them, so
 * that its Back button loses nothing. Returns how to give them up.
 */
export function useUnsavedGuard(
  algorithm: string,
  tree: WorkingTree,
  restore: (changes: TreeChange[]) => void,
): () => void {
  const isLookedFor = useRef(false)
  const isGivenUp = useRef(false)
  const isDirty = changesOf(tree).length > 0

  useEffect(() => {
    if (!isDirty) return
    const warn = (event: BeforeUnloadEvent) => {
      if (!isGivenUp.current) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isDirty])

  // biome-ignore lint/correctness/useExhaustiveDependencies: looked for once, kept at each change after that
  useEffect(() => {
    if (isGivenUp.current) return
    if (isLookedFor.current) return keepDraft(algorithm, { headSha: tree.headSha, changes: changesOf(tree) })
    isLookedFor.current = true
    const draft = findDraft(algorithm, tree.headSha)
    if (!draft) return
    if (draft.fits) {
      restore(draft.changes)
      toast.info('Your unsaved changes are back.')
    } else {
      dropDraft(algorithm)
      toast.warning('The source was saved elsewhere: unsaved changes of an older version were dropped.')
    }
  }, [tree])

  return () => {
    isGivenUp.current = true
    dropDraft(algorithm)
  }
}
