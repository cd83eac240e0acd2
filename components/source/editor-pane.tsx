'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { cn } from '@/components/ui/cn'
import { LazyEditor } from './lazy-editor'
import type { WorkingTree } from './working-tree'

const WIDE = '(min-width: 40rem)'

type Props = {
  tree: WorkingTree
  openPath: string | null
  canEdit: boolean
  onChange: (path: string, text: string) => void
  files: ReactNode
}

/** The file list, which folds away, and the editor beside it. */
export function EditorPane({ tree, openPath, canEdit, onChange, files }: Props) {
  const [isListShown, setListShown] = useState(true)
  // On a narrow screen the editor gets the room; the arrow brings the list.
  useEffect(() => setListShown(window.matchMedia(WIDE).matches), [])
  const Arrow = isListShown ? ChevronLeft : ChevronRight
  return (
    <>
      <nav
        aria-label="Source files"
        className={cn('max-h-48 shrink-0 overflow-y-auto bg-side sm:max-h-none sm:w-64', !isListShown && 'hidden')}
      >
        {files}
      </nav>
      <button
        type="button"
        aria-label={isListShown ? 'Hide the file list' : 'Show the file list'}
        aria-expanded={isListShown}
        onClick={() => setListShown(!isListShown)}
        className="flex items-center justify-center border-r bg-side text-ink-soft hover:bg-side-active sm:w-5"
      >
        <Arrow aria-hidden className="size-5 rotate-90 sm:rotate-0" />
      </button>
      <div className="min-h-0 min-w-0 flex-1">
        <OpenFile tree={tree} openPath={openPath} canEdit={canEdit} onChange={onChange} />
      </div>
    </>
  )
}

function OpenFile({ tree, openPath, canEdit, onChange }: Omit<Props, 'files'>) {
  const text = openPath === null ? undefined : tree.current.get(openPath)
  if (openPath === null || text === undefined) {
    return <p className="p-6 text-ink-soft">Choose a file on the left, or make a new one.</p>
  }
  if (tree.binary.has(openPath)) {
    return <p className="p-6 text-ink-soft">{openPath} is not a text file. It can not be shown, and stays as it is.</p>
  }
  return <LazyEditor path={openPath} text={text} label="Source code editor" isReadOnly={!canEdit} onChange={onChange} />
}
