'use client'

import { useRef, useState } from 'react'
import { saveSourceAction } from '@/lib/algorithms/actions'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { startBuildAction } from '@/lib/builds/actions'
import { useUnsavedGuard } from './use-unsaved-guard'
import {
  applyChanges,
  changesOf,
  deleteFile,
  markSaved,
  openTree,
  type TreeChange,
  type WorkingTree,
  writeFile,
} from './working-tree'

/** The newest commit, as the page brings it. */
export type LoadedSource = { headSha: string; files: { path: string; text: string; isBinary: boolean }[] }
type Busy = 'saving' | 'building' | null
/** What went wrong last; a conflict is asked about instead of only being said. */
type Problem = { message: string; isConflict: boolean }

const UNREACHABLE = { code: 'unavailable', message: 'The server did not answer. Nothing was saved; try again.' }

/** The editing session of one browser tab: its files, what is unsaved, saving and building. */
export function useIdeSession(path: AlgorithmPath, source: LoadedSource) {
  const [tree, setTree] = useState<WorkingTree>(() => openTree(source.headSha, source.files))
  const [busy, setBusy] = useState<Busy>(null)
  const [problem, setProblem] = useState<Problem>()
  const latest = useRef(tree)
  latest.current = tree
  const changes = changesOf(tree)
  const discard = useUnsavedGuard(`${path.owner}/${path.name}`, tree, (kept) =>
    setTree((before) => applyChanges(before, kept)),
  )

  /** Commits `wanted`; true when all of it is saved, also when there was nothing to save. */
  async function commit(wanted: TreeChange[]): Promise<boolean> {
    setProblem(undefined)
    if (wanted.length === 0) return true
    const parentSha = latest.current.headSha
    const result = await saveSourceAction({ ...path, parentSha, changes: wanted }).catch(() => null)
    if (result?.ok) {
      const { commitSha } = result.data
      setTree((before) => markSaved(before, commitSha, wanted))
      return true
    }
    const error = result?.error ?? UNREACHABLE
    setProblem({ message: error.message, isConflict: error.code === 'conflict' })
    return false
  }

  async function during<Result>(what: Busy, work: () => Promise<Result>): Promise<Result> {
    setBusy(what)
    try {
      return await work()
    } finally {
      setBusy(null)
    }
  }

  async function startBuild(): Promise<string | null> {
    if (!(await commit(changesOf(latest.current)))) return null
    const result = await startBuildAction(path).catch(() => null)
    if (result?.ok) return result.data.buildId
    setProblem({ message: result?.error.message ?? UNREACHABLE.message, isConflict: false })
    return null
  }

  return {
    tree,
    busy,
    problem,
    isDirty: changes.length > 0,
    dismissProblem: () => setProblem(undefined),
    /** Gives up what is unsaved, before the page is left. */
    discard,
    write: (file: string, text: string) => setTree((before) => writeFile(before, file, text)),
    remove: (file: string) => setTree((before) => deleteFile(before, file)),
    save: () => during('saving', () => commit(changesOf(latest.current))),
    /** Saves one file and leaves the other changes unsaved. */
    saveFile: (file: string, text: string) => {
      setTree((before) => writeFile(before, file, text))
      return during('saving', () => commit([{ path: file, text }]))
    },
    /** Saves first, as a build is of a commit; the id of the build, or null when it did not start. */
    build: () => during('building', startBuild),
  }
}
