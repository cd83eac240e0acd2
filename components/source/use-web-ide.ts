'use client'

import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { LatestBuilds } from '@/lib/builds/queries'
import type { BottomTab } from './bottom-panel'
import { useBuildProgress, type WatchedBuild } from './use-build-progress'
import { useConsole } from './use-console'
import { type LoadedSource, useIdeSession } from './use-ide-session'
import { folderOf } from './working-tree'

type Start = { path: AlgorithmPath; mainPath: string; canEdit: boolean; source: LoadedSource; builds: LatestBuilds }

/** What the Web IDE knows and does: the files, what is open, the build that is followed, what can be run and published. */
export function useWebIde({ path, mainPath, canEdit, source, builds }: Start) {
  const session = useIdeSession(path, source)
  const [openPath, setOpenPath] = useState<string | null>(session.tree.current.has(mainPath) ? mainPath : null)
  const [folder, setFolder] = useState(folderOf(mainPath))
  const [tab, setTab] = useState<BottomTab>(builds.unfinishedId ? 'build' : 'console')
  const [buildId, setBuildId] = useState(builds.unfinishedId)
  const [ready, setReady] = useState({ runnableSha: builds.runnableSha, publishable: builds.publishable })
  const build = useBuildProgress(path, buildId, onBuildFinished)
  const consoleSession = useConsole(path, ready.runnableSha)
  // Two saves at once would be on the same commit: the second one would be refused.
  useSaveKey(canEdit && session.isDirty && session.busy === null, save)

  function onBuildFinished({ id, status, commitSha }: WatchedBuild): void {
    if (status === 'cancelled') return void toast.info('The build was cancelled')
    if (status !== 'succeeded') return void toast.error('The build failed. Its log says why.')
    setReady({ runnableSha: commitSha, publishable: { id, commitSha } })
    consoleSession.announce(commitSha)
    setTab('console')
    toast.success('The build succeeded')
  }

  async function save(): Promise<void> {
    if (await session.save()) toast.success('Saved')
  }

  async function startBuild(): Promise<void> {
    setTab('build')
    const started = await session.build()
    if (started) setBuildId(started)
  }

  /** True when they are saved. */
  async function saveDependencies(file: string, text: string): Promise<boolean> {
    const isSaved = await session.saveFile(file, text)
    if (isSaved) toast.success('Dependencies saved')
    return isSaved
  }

  function openFile(file: string): void {
    setOpenPath(file)
    setFolder(folderOf(file))
  }

  function createFile(file: string): void {
    session.write(file, '')
    openFile(file)
  }

  function deleteFile(file: string): void {
    session.remove(file)
    if (file === openPath) setOpenPath(null)
  }

  const { publishable } = ready
  const shown = { openPath, folder, setFolder, tab, setTab, build, publishable }
  const actions = { save, startBuild, saveDependencies, openFile, createFile, deleteFile }
  return { session, consoleSession, ...shown, ...actions }
}

/** Ctrl+S or Cmd+S saves, wherever the focus is, and never opens the browser's own dialog. */
function useSaveKey(canSave: boolean, save: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      if (canSave) save()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  })
}
