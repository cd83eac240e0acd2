'use client'

import { CircleX, File, Folder, FolderOpen, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { NewFileDialog } from './new-file-dialog'
import { folderOf, isChanged, listFolder, nameOf, type WorkingTree } from './working-tree'

type Props = {
  tree: WorkingTree
  folder: string
  openPath: string | null
  canEdit: boolean
  onFolderChange: (folder: string) => void
  onOpen: (path: string) => void
  onCreate: (path: string) => void
  onDelete: (path: string) => void
}

/** One folder of the source at a time, as the first line of the list says. */
export function FileList({ tree, folder, openPath, canEdit, onFolderChange, onOpen, onCreate, onDelete }: Props) {
  const [isNaming, setNaming] = useState(false)
  const [doomed, setDoomed] = useState<string | null>(null)
  const { folders, files } = listFolder(tree, folder)
  return (
    <div className="flex flex-col gap-1 py-3">
      <p className="px-3 text-ink-soft text-xs">{folder ? `${folder}/` : '/'}</p>
      <ul aria-label={`Files in ${folder || 'the root folder'}`} className="flex flex-col">
        {folder && <FolderRow label="../" name="Folder above" isUp onClick={() => onFolderChange(folderOf(folder))} />}
        {folders.map((path) => (
          <FolderRow
            key={path}
            label={`${nameOf(path)}/`}
            name={`Folder ${nameOf(path)}`}
            onClick={() => onFolderChange(path)}
          />
        ))}
        {files.map((path) => (
          <FileRow
            key={path}
            path={path}
            isOpen={path === openPath}
            isUnsaved={isChanged(tree, path)}
            onOpen={onOpen}
            onDelete={canEdit ? setDoomed : undefined}
          />
        ))}
      </ul>
      {canEdit && (
        <Button variant="ghost" className="mx-2 self-start text-link uppercase" onClick={() => setNaming(true)}>
          <Plus aria-hidden className="size-4" />
          New File
        </Button>
      )}
      {isNaming && (
        <NewFileDialog
          folder={folder}
          isTaken={(path) => tree.current.has(path)}
          onCreate={onCreate}
          onClose={() => setNaming(false)}
        />
      )}
      <ConfirmDialog
        isOpen={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={`Delete ${doomed ? nameOf(doomed) : ''}?`}
        confirmLabel="Delete"
        onConfirm={() => {
          if (doomed) onDelete(doomed)
          setDoomed(null)
        }}
      >
        It is gone from the source with the next Save; earlier commits keep it.
      </ConfirmDialog>
    </div>
  )
}

function FolderRow({
  label,
  name,
  isUp,
  onClick,
}: {
  label: string
  name: string
  isUp?: boolean
  onClick: () => void
}) {
  const Icon = isUp ? FolderOpen : Folder
  return (
    <li>
      <button
        type="button"
        aria-label={name}
        onClick={onClick}
        className="flex w-full items-center gap-3 px-3 py-1.5 text-left hover:bg-side-active"
      >
        <Icon aria-hidden className="size-4 shrink-0" />
        {label}
      </button>
    </li>
  )
}

type FileRowProps = {
  path: string
  isOpen: boolean
  isUnsaved: boolean
  onOpen: (path: string) => void
  onDelete?: (path: string) => void
}

function FileRow({ path, isOpen, isUnsaved, onOpen, onDelete }: FileRowProps) {
  const name = nameOf(path)
  return (
    <li className={cn('flex items-center hover:bg-side-active', isOpen && 'bg-side-active font-semibold')}>
      <button
        type="button"
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => onOpen(path)}
        className="flex min-w-0 flex-1 items-center gap-3 py-1.5 pl-6 text-left"
      >
        <File aria-hidden className={cn('size-4 shrink-0', isOpen && 'fill-current')} />
        <span className="min-w-0 break-words">{name}</span>
        {isUnsaved && (
          <span title="Modified" className="size-2 shrink-0 rounded-full bg-ink-soft">
            <span className="sr-only">, modified</span>
          </span>
        )}
      </button>
      {onDelete && (
        <button
          type="button"
          aria-label={`Delete ${name}`}
          title={`Delete ${name}`}
          onClick={() => onDelete(path)}
          className="p-2 text-ink-soft hover:text-danger"
        >
          <CircleX aria-hidden className="size-4" />
        </button>
      )}
    </li>
  )
}
