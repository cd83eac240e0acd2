'use client'

import { useState } from 'react'
import { FormError } from '@/components/ui/field'
import { PublishDialog } from '@/components/versions/publish-dialog'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { LANGUAGE_LABELS } from '@/lib/algorithms/words'
import type { LatestBuilds } from '@/lib/builds/queries'
import { isFinished } from '@/lib/builds/schema'
import { BottomPanel } from './bottom-panel'
import { CloneDialog } from './clone-dialog'
import { ConflictDialog } from './conflict-dialog'
import { type Dependencies, DependenciesDialog } from './dependencies-dialog'
import { EditorPane } from './editor-pane'
import { FileList } from './file-list'
import { HistoryDialog } from './history-dialog'
import { IdeBar } from './ide-bar'
import type { LoadedSource } from './use-ide-session'
import { useWebIde } from './use-web-ide'
import { nameOf } from './working-tree'

type Props = {
  owner: string
  name: string
  language: keyof typeof LANGUAGE_LABELS
  /** The file that opens first. */
  mainPath: string
  dependencies: Dependencies
  canEdit: boolean
  /** Where Git finds the source. */
  cloneUrl: string
  source: LoadedSource & { isUntouched: boolean }
  builds: LatestBuilds
}

type Ide = ReturnType<typeof useWebIde>

/** The Web IDE: files, editor, console and build log, and the way from text to a version. */
export function WebIde({ owner, name, language, mainPath, dependencies, canEdit, cloneUrl, source, builds }: Props) {
  const path = { owner, name }
  const ide = useWebIde({ path, mainPath, canEdit, source, builds })
  const [dialog, setDialog] = useState<'dependencies' | 'publish' | 'history' | 'clone' | null>(null)
  const { tree, busy, isDirty, problem, dismissProblem, discard } = ide.session
  const closeDialog = () => setDialog(null)

  return (
    <main className="flex min-h-[40rem] flex-1 flex-col">
      <IdeBar
        profile={`/algorithms/${owner}/${name}`}
        fileName={ide.openPath ? nameOf(ide.openPath) : `${owner}/${name}`}
        commitSha={source.isUntouched && tree.headSha === source.headSha ? null : tree.headSha}
        canEdit={canEdit}
        isDirty={isDirty}
        busy={busy}
        isBuilding={ide.build !== null && !isFinished(ide.build.status)}
        publishHint={publishHint(ide.publishable, tree.headSha, isDirty)}
        onDiscard={discard}
        onDependencies={() => {
          dismissProblem()
          setDialog('dependencies')
        }}
        onHistory={() => setDialog('history')}
        onClone={() => setDialog('clone')}
        onSave={ide.save}
        onBuild={ide.startBuild}
        onPublish={() => setDialog('publish')}
      />
      <FormError message={problem?.isConflict ? undefined : problem?.message} />
      <Workspace path={path} ide={ide} canEdit={canEdit} />
      {dialog === 'dependencies' && (
        <DependenciesDialog
          title={`${LANGUAGE_LABELS[language]} Dependencies`}
          dependencies={dependencies}
          text={tree.current.get(dependencies.path) ?? ''}
          canEdit={canEdit}
          isSaving={busy === 'saving'}
          error={problem?.isConflict ? undefined : problem?.message}
          onSave={async (text) => {
            if (await ide.saveDependencies(dependencies.path, text)) closeDialog()
          }}
          onClose={closeDialog}
        />
      )}
      {dialog === 'history' && <HistoryDialog path={path} tree={tree} onClose={closeDialog} />}
      {dialog === 'clone' && <CloneDialog cloneUrl={cloneUrl} canPush={canEdit} onClose={closeDialog} />}
      {dialog === 'publish' && ide.publishable && (
        <PublishDialog path={path} buildId={ide.publishable.id} onClose={closeDialog} />
      )}
      <ConflictDialog isOpen={problem?.isConflict ?? false} onClose={dismissProblem} onDiscard={discard} />
    </main>
  )
}

function Workspace({ path, ide, canEdit }: { path: AlgorithmPath; ide: Ide; canEdit: boolean }) {
  const { tree, busy, write } = ide.session
  const files = (
    <FileList
      tree={tree}
      folder={ide.folder}
      openPath={ide.openPath}
      canEdit={canEdit}
      onFolderChange={ide.setFolder}
      onOpen={ide.openFile}
      onCreate={ide.createFile}
      onDelete={ide.deleteFile}
    />
  )
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
        <EditorPane tree={tree} openPath={ide.openPath} canEdit={canEdit} onChange={write} files={files} />
      </div>
      {canEdit && (
        <BottomPanel
          path={path}
          tab={ide.tab}
          onTabChange={ide.setTab}
          build={ide.build}
          isStarting={busy === 'building'}
          session={ide.consoleSession}
        />
      )}
    </>
  )
}

/** What is on the screen is what gets published: saved, and built. */
function publishHint(publishable: LatestBuilds['publishable'], headSha: string, isDirty: boolean): string | null {
  if (isDirty) return 'There are unsaved changes: build them first.'
  if (!publishable) return 'There is no new build to publish: press Build first.'
  return publishable.commitSha === headSha ? null : 'The newest commit is not built: press Build first.'
}
