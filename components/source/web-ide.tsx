'use client'

import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import { FormError } from '@/components/ui/field'
import { PublishDialog } from '@/components/versions/publish-dialog'
import { LANGUAGE_LABELS } from '@/lib/algorithms/schema'
import type { LatestBuilds } from '@/lib/builds/queries'
import { isFinished } from '@/lib/builds/schema'
import { BottomPanel, type BottomTab } from './bottom-panel'
import { ConflictDialog } from './conflict-dialog'
import { type Dependencies, DependenciesDialog } from './dependencies-dialog'
import { EditorPane } from './editor-pane'
import { FileList } from './file-list'
import { IdeBar } from './ide-bar'
import { useBuildProgress, type WatchedBuild } from './use-build-progress'
import { useConsole } from './use-console'
import { useIdeSession } from './use-ide-session'
import { folderOf, nameOf } from './working-tree'

type Props = {
  owner: string
  name: string
  language: keyof typeof LANGUAGE_LABELS
  /** The file that opens first. */
  mainPath: string
  dependencies: Dependencies
  canEdit: boolean
  source: { headSha: string; files: { path: string; text: string; isBinary: boolean }[]; isUntouched: boolean }
  builds: LatestBuilds
}

/** The Web IDE: files, editor, console and build log, and the way from text to a version. */
export function WebIde({ owner, name, language, mainPath, dependencies, canEdit, source, builds }: Props) {
  const path = { owner, name }
  const session = useIdeSession(path, source)
  const { tree, busy, isDirty, problem } = session
  const [openPath, setOpenPath] = useState<string | null>(tree.current.has(mainPath) ? mainPath : null)
  const [folder, setFolder] = useState(folderOf(mainPath))
  const [dialog, setDialog] = useState<'dependencies' | 'publish' | null>(null)
  const [tab, setTab] = useState<BottomTab>(builds.unfinishedId ? 'build' : 'console')
  const [buildId, setBuildId] = useState(builds.unfinishedId)
  const [ready, setReady] = useState({ runnableSha: builds.runnableSha, publishable: builds.publishable })
  const build = useBuildProgress(path, buildId, onBuildFinished)
  const consoleSession = useConsole(path, ready.runnableSha)
  useSaveKey(canEdit && isDirty, save)

  function onBuildFinished({ id, status, commitSha }: WatchedBuild) {
    if (status !== 'succeeded') return void toast.error('The build failed. Its log says why.')
    setReady({ runnableSha: commitSha, publishable: { id, commitSha } })
    consoleSession.announce(commitSha)
    setTab('console')
    toast.success('The build succeeded')
  }

  async function save() {
    if (await session.save()) toast.success('Saved')
  }

  async function startBuild() {
    setTab('build')
    const started = await session.build()
    if (started) setBuildId(started)
  }

  async function saveDependencies(text: string) {
    setDialog(null)
    if (await session.saveFile(dependencies.path, text)) toast.success('Dependencies saved')
  }

  function openFile(file: string) {
    setOpenPath(file)
    setFolder(folderOf(file))
  }

  return (
    <main className="flex h-dvh min-h-[40rem] flex-col">
      <IdeBar
        profile={`/algorithms/${owner}/${name}`}
        fileName={openPath ? nameOf(openPath) : `${owner}/${name}`}
        commitSha={source.isUntouched && tree.headSha === source.headSha ? null : tree.headSha}
        canEdit={canEdit}
        isDirty={isDirty}
        busy={busy}
        isBuilding={build !== null && !isFinished(build.status)}
        publishHint={publishHint(ready.publishable, tree.headSha, isDirty)}
        onDependencies={() => setDialog('dependencies')}
        onSave={save}
        onBuild={startBuild}
        onPublish={() => setDialog('publish')}
      />
      <FormError message={problem?.isConflict ? undefined : problem?.message} />
      <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
        <EditorPane
          tree={tree}
          openPath={openPath}
          canEdit={canEdit}
          onChange={session.write}
          files={
            <FileList
              tree={tree}
              folder={folder}
              openPath={openPath}
              canEdit={canEdit}
              onFolderChange={setFolder}
              onOpen={openFile}
              onCreate={(file) => {
                session.write(file, '')
                openFile(file)
              }}
              onDelete={(file) => {
                session.remove(file)
                if (file === openPath) setOpenPath(null)
              }}
            />
          }
        />
      </div>
      {canEdit && (
        <BottomPanel
          tab={tab}
          onTabChange={setTab}
          build={build}
          isStarting={busy === 'building'}
          session={consoleSession}
        />
      )}
      {dialog === 'dependencies' && (
        <DependenciesDialog
          title={`${LANGUAGE_LABELS[language]} Dependencies`}
          dependencies={dependencies}
          text={tree.current.get(dependencies.path) ?? ''}
          canEdit={canEdit}
          isSaving={busy === 'saving'}
          onSave={saveDependencies}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'publish' && ready.publishable && (
        <PublishDialog path={path} buildId={ready.publishable.id} onClose={() => setDialog(null)} />
      )}
      <ConflictDialog isOpen={problem?.isConflict ?? false} onClose={session.dismissProblem} />
    </main>
  )
}

/** What is on the screen is what gets published: saved, and built. */
function publishHint(publishable: LatestBuilds['publishable'], headSha: string, isDirty: boolean): string | null {
  if (isDirty) return 'There are unsaved changes: build them first.'
  if (!publishable) return 'There is no new build to publish: press Build first.'
  return publishable.commitSha === headSha ? null : 'The newest commit is not built: press Build first.'
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
