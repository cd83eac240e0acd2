import type { FileChange } from '@/lib/algorithms/source/history'
import { changesOf, type WorkingTree } from './working-tree'

/** The changes up to the newest commit, and what is unsaved in the editor on top of them. */
export function compareWithUnsaved(changes: FileChange[], tree: WorkingTree): FileChange[] {
  const byPath = new Map(changes.map((change) => [change.path, change]))
  for (const { path, text } of changesOf(tree)) {
    const known = byPath.get(path)
    // What no commit changed is in the version as it is saved.
    const before = known ? known.before : (tree.saved.get(path) ?? null)
    if (before === text) byPath.delete(path)
    else byPath.set(path, { path, before, after: text, isShown: known?.isShown ?? !tree.binary.has(path) })
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
