'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Modal } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { LazyEditor } from './lazy-editor'

export type Dependencies = { path: string; registry: string; registryUrl: string }

type Props = {
  title: string
  dependencies: Dependencies
  text: string
  canEdit: boolean
  isSaving: boolean
  /** Why the last save failed. */
  error: string | undefined
  onSave: (text: string) => void
  onClose: () => void
}

/** The dependency file, on its own. Stays open until it is saved. */
export function DependenciesDialog(props: Props) {
  const { title, dependencies, text, canEdit, isSaving, error, onSave, onClose } = props
  const { path, registry, registryUrl } = dependencies
  const [edited, setEdited] = useState(text)
  return (
    <Modal isOpen onOpenChange={() => !isSaving && onClose()} title={title} className="max-w-6xl gap-4">
      <div inert={isSaving} className="h-[55vh] min-h-64 border">
        <LazyEditor
          path={path}
          text={edited}
          label={`Dependencies, ${path}`}
          isReadOnly={!canEdit}
          onChange={(_path, next) => setEdited(next)}
        />
      </div>
      <p className="text-ink-soft">
        via{' '}
        <a href={registryUrl} target="_blank" rel="noreferrer" className="text-link underline">
          {registry}
        </a>
        . They are installed by the next build.
      </p>
      <FormError message={error} />
      {canEdit && (
        <div className="flex justify-end">
          <Button className="uppercase" isPending={isSaving} onClick={() => onSave(edited)}>
            Save Dependencies
          </Button>
        </div>
      )}
    </Modal>
  )
}
